// Every link, file, command and example in a document exists, and the README stays short.
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { sellKafka } from "../support/process/command.ts";
import {
  anchorsOf,
  blocksOf,
  documents,
  placeOf,
  readDocument,
} from "../support/documents/markdown.ts";

describe.each(documents())("%s", (document) => {
  it("links only to files and headings that exist", () => {
    const links = [...readDocument(document).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^(https?:|#)/.test(target));
    const missing = links.filter((target) => {
      const [path = "", anchor] = target.split("#");
      const linked = path === "" ? document : join(dirname(document), path);
      return (
        !existsSync(placeOf(linked)) ||
        (anchor !== undefined && !anchorsOf(linked).includes(anchor))
      );
    });
    expect(missing).toEqual([]);
  });

  it("names only source files that exist", () => {
    // The changelog speaks of earlier versions too.
    if (document === "CHANGELOG.md") return;
    const named = [
      ...readDocument(document).matchAll(/`((?:src|test|scripts)\/[\w./-]+)`/g),
    ].map(([, path = ""]) => path);
    expect(named.filter((path) => !existsSync(placeOf(path)))).toEqual([]);
  });

  it("shows files as they are", () => {
    for (const { origin, text } of blocksOf(document))
      if (origin?.kind === "file") expect(text).toBe(readDocument(origin.name));
  });

  it("names a test for its examples, and that test reads the document", () => {
    for (const { origin } of blocksOf(document))
      if (origin?.kind === "tested")
        expect(readDocument(origin.name)).toContain(document);
  });

  it("shows only commands that exist", async () => {
    const shown = blocksOf(document)
      .filter(({ language }) => language === "console")
      .flatMap(({ text }) => [...text.matchAll(/^\$ sell-kafka ([a-z -]+)/gm)])
      .map(([, words = ""]) => words.replace(/ --.*/, "").trim().split(" "));
    for (const command of shown)
      expect(await sellKafka([...command, "--help"])).toMatchObject({
        exitCode: 0,
      });
  });

  it("takes every code block from a file, a run or a test", () => {
    const checkedElsewhere = ["sh", "mermaid", "console"];
    const others = blocksOf(document).filter(
      ({ origin, language }) =>
        origin === null && !checkedElsewhere.includes(language),
    );
    expect(others.map(({ text }) => text)).toEqual([]);
  });
});

describe("README.md", () => {
  const text = readDocument("README.md");

  it("has at most 150 lines", () => {
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it("tells what a first drain costs, with the figures of the operations guide", () => {
    const measured = readDocument("docs/operations.md");
    const rows = [...text.matchAll(/^\| (1[0,]+) +\| ([\d,]+) +\| .* \|$/gm)];
    expect(rows.map(([, records]) => records)).toEqual([
      "100,000",
      "1,000,000",
    ]);
    for (const [, records = "", requests = ""] of rows)
      expect(measured).toMatch(
        new RegExp(`^\\| ${records} +\\| .*\\| ${requests} +\\|`, "m"),
      );
  });

  it("shows a picture near its top", () => {
    const lines = text.split("\n");
    const line = lines.findIndex((one) => one.startsWith("!["));
    expect(line).toBeGreaterThan(0);
    expect(line).toBeLessThan(15);
  });

  it("shows how to install a package, an image and from source, as they are made", () => {
    const { version, bin, scripts } = JSON.parse(
      readDocument("package.json"),
    ) as {
      version: string;
      bin: Record<string, string>;
      scripts: Record<string, string>;
    };
    expect(scripts["prepack"]).toBe("npm run build");
    for (const words of [
      "`npm pack`",
      `npm install --global ./sell-kafka-${version}.tgz`,
      `docker build -t sell-kafka:${version} .`,
      `sell-kafka:${version} check`,
      "`npm run build`",
      `node ${bin["sell-kafka"] ?? ""} check`,
    ])
      expect(text).toContain(words);
  });
});

it("nothing shows npx with the program's name, which would install a stranger's package", () => {
  const folders = ["src", "scripts", "docs", "deploy", "schemas", ".ci"];
  const files = [
    ...folders.flatMap((folder) =>
      readdirSync(placeOf(folder), { recursive: true, encoding: "utf8" })
        .filter((file) => !file.endsWith(".png"))
        .map((file) => `${folder}/${file}`)
        .filter((file) => statSync(placeOf(file)).isFile()),
    ),
    ...documents(),
    "Dockerfile",
    "docker-compose.yml",
    "package.json",
  ];
  const showing = files.filter((file) =>
    /(npx|npm exec|bunx|pnpm dlx|yarn dlx)[^\n]* sell-kafka/.test(
      readDocument(file),
    ),
  );
  expect(files.length).toBeGreaterThan(200);
  expect(showing).toEqual([]);
});

describe("CONTRIBUTING.md", () => {
  it("names every npm script", () => {
    const { scripts } = JSON.parse(readDocument("package.json")) as {
      scripts: Record<string, string>;
    };
    const text = readDocument("CONTRIBUTING.md");
    const missing = Object.keys(scripts)
      .filter((name) => !name.startsWith("pre"))
      .filter(
        (name) =>
          !text.includes(`\`npm ${name === "test" ? "" : "run "}${name}`),
      );
    expect(missing).toEqual([]);
  });
});
