// `simulate` says how to start a connector against it, writes a configuration for one, and refuses tokens.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load-config.ts";
import { schemaLocation } from "../../../src/config/schema-location.ts";
import { placeOf } from "../../support/documents/markdown.ts";
import { sellKafka } from "../../support/process/command.ts";
import { ChildProgram } from "../../support/process/program.ts";

const run = promisify(execFile);
const usual = ["simulate", "--port", "0", "--records", "30"];

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-simulate-"));
  file = join(folder, "simulated.json");
});

afterEach(() => rm(folder, { recursive: true }));

/** What it prints, when it is stopped as soon as it has printed it. */
function printed(...flags: readonly string[]) {
  return sellKafka([...usual, ...flags], {
    stopping: AbortSignal.abort(new Error("it has said enough")),
  });
}

/** The program, started from the source as `npm run` does it. */
function started(...flags: readonly string[]): ChildProgram {
  return new ChildProgram(process.execPath, [
    placeOf("src/main.ts"),
    ...usual,
    ...flags,
  ]);
}

async function recordsBy(line: string): Promise<unknown[]> {
  const { stdout } = await run("sh", ["-c", line]);
  return stdout
    .trimEnd()
    .split("\n")
    .map((record) => JSON.parse(record) as unknown);
}

describe("the line that simulate prints", () => {
  it("starts a connector against it, in any shell", async () => {
    await using simulator = started();
    await simulator.says("/dev/stdin\n");
    const line = simulator.stdout.trimEnd().split("\n").at(-1) ?? "";
    expect(await recordsBy(line)).toHaveLength(30);
  });

  it("uses the configuration that simulate wrote", async () => {
    await using simulator = started("--write-config", file);
    await simulator.says(`--config ${file}\n`);
    const line = simulator.stdout.trimEnd().split("\n").at(-1) ?? "";
    expect(await recordsBy(line)).toHaveLength(30);
  });

  it("is there for a program, too", async () => {
    const { exitCode, stdout } = await printed("--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      state: expect.stringMatching(/\/_simulator\/state$/) as string,
      records: 30,
      seed: 1,
      config: null,
      command: expect.stringMatching(/^echo .* \| sell-kafka sync /) as string,
    });
  });
});

describe("--write-config", () => {
  it("writes a configuration that needs nothing besides", async () => {
    const { exitCode, stdout } = await printed("--write-config", file);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`wrote   ${file}`);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout) ?? [];
    expect(await loadConfig(file, {})).toMatchObject({
      $schema: schemaLocation(),
      name: "simulated",
      sell: { baseUrl: url },
      kafka: { brokers: ["localhost:9092"] },
    });
  });

  it("overwrites nothing without --force", async () => {
    await writeFile(file, "mine");
    const refused = await printed("--write-config", file);
    expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("is there already; --force overwrites it");
    expect(await readFile(file, "utf8")).toBe("mine");
    const forced = await printed("--write-config", file, "--force");
    expect(forced.exitCode).toBe(0);
    expect(await readFile(file, "utf8")).toContain('"simulated"');
  });

  it("says why a file can't be written", async () => {
    const { exitCode, stderr } = await printed(
      "--write-config",
      "/no/such/folder/c.json",
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain("can't be written (ENOENT)");
    expect(existsSync("/no")).toBe(false);
  });

  it("is what --force is for", async () => {
    const { exitCode, stderr } = await printed("--force");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--force says nothing without --write-config");
  });
});
