// The Dockerfile names files, scripts and versions that exist. `npm run images` builds the image.
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { placeOf, readDocument } from "../support/documents/markdown.ts";

interface Instruction {
  readonly name: string;
  readonly text: string;
}

const packageJson = JSON.parse(readDocument("package.json")) as {
  version: string;
  files: string[];
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
};

const instructions: Instruction[] = readDocument("Dockerfile")
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => {
    const [, name = "", text = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return { name, text };
  });
const stages = instructions.reduce<Instruction[][]>((found, instruction) => {
  if (instruction.name === "FROM") found.push([]);
  found.at(-1)?.push(instruction);
  return found;
}, []);
const [build = [], image = []] = stages;

function textsOf(stage: readonly Instruction[], name: string): string[] {
  return stage.filter((one) => one.name === name).map(({ text }) => text);
}

/** Sources of the COPY instructions, without the slash of a folder. */
function copied(stage: readonly Instruction[]): string[] {
  return textsOf(stage, "COPY")
    .flatMap((text) => text.split(" ").slice(0, -1))
    .map((source) => source.replace(/\/$/, ""));
}

describe("the Dockerfile", () => {
  it("builds on the pinned Node.js of the project, and ends with nothing but what it copies", () => {
    const base = `node:${packageJson.devDependencies["node"] ?? ""}-bookworm-slim`;
    expect(stages.map((stage) => textsOf(stage, "FROM"))).toEqual([
      [`${base} AS build`],
      ["scratch"],
    ]);
    expect(textsOf(image, "COPY")).toEqual(["--from=build /image/ /"]);
  });

  it("copies what exists, and what .dockerignore lets through", () => {
    const sources = copied(build);
    expect(sources.filter((source) => !existsSync(placeOf(source)))).toEqual(
      [],
    );
    const allowed = readDocument(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1).replace(/\/$/, ""));
    expect([...new Set(sources)].sort()).toEqual(allowed.sort());
  });

  it("runs scripts that package.json has", () => {
    for (const command of textsOf(build, "RUN")) {
      const [, script] = /^npm run (\S+)$/.exec(command) ?? [];
      if (script !== undefined)
        expect(packageJson.scripts).toHaveProperty(script);
      const [, file] = /^(?:node|sh) (\S+)/.exec(command) ?? [];
      if (file !== undefined) expect(existsSync(placeOf(file))).toBe(true);
    }
  });

  it("holds the same program as the npm package", () => {
    const documents = ["connector.config.json", "README.md", "CHANGELOG.md"];
    const program = packageJson.files.filter((one) => !documents.includes(one));
    const [, placed = ""] =
      /^cp -R (.*) "\$app\/"$/m.exec(readDocument("scripts/image-root.sh")) ??
      [];
    expect(placed.split(" ").sort()).toEqual(
      [...program, "package.json", "node_modules"].sort(),
    );
  });

  it("does not run as root, and starts without a shell", () => {
    const [user = "root"] = textsOf(image, "USER").slice(-1);
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const [entry = ""] = textsOf(image, "ENTRYPOINT");
    expect(JSON.parse(entry)).toEqual(["sell-kafka"]);
    expect(readDocument("scripts/image-root.sh")).toContain(
      'ln -s /app/dist/main.js "$root/usr/local/bin/sell-kafka"',
    );
  });

  it("checks its health by a file that the build makes", () => {
    const [check = ""] = textsOf(image, "HEALTHCHECK");
    const [, command = ""] = /CMD (.*)$/.exec(check) ?? [];
    expect(JSON.parse(command)).toEqual(["node", "/app/dist/healthcheck.js"]);
    expect(existsSync(placeOf("src/healthcheck.ts"))).toBe(true);
  });

  it("names the version of the package", () => {
    expect(textsOf(image, "LABEL").join()).toContain(
      `org.opencontainers.image.version="${packageJson.version}"`,
    );
  });
});
