// docs/cli.md has the exit codes and the JSON of every command, and its shapes are those of real outputs.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram, loadCommands } from "../../src/cli/program.ts";
import type { ProcessContext } from "../../src/cli/process-context.ts";
import { sellKafka } from "../support/process/command.ts";
import {
  mismatches,
  rowsOf,
  shapes,
} from "../support/documents/json-shapes.ts";

const program = createProgram(
  (await loadCommands([])).map(({ define }) => define),
  {} as ProcessContext,
  () => Promise.resolve(),
);

/** The commands that do something, each with its words. */
function leavesOf(command: CommandUnknownOpts, words: string[]): Leaf[] {
  return command.commands.flatMap((one) => {
    const path = [...words, one.name()];
    return one.commands.length > 0
      ? leavesOf(one, path)
      : { name: path.join(" "), command: one };
  });
}

interface Leaf {
  readonly name: string;
  readonly command: CommandUnknownOpts;
}

const leaves = leavesOf(program, []);
const withJson = leaves
  .filter(({ command }) =>
    command.options.some(({ long }) => long === "--json"),
  )
  .map(({ name }) => name);

describe("the tables of docs/cli.md", () => {
  it("have the exit codes of exactly the commands there are", () => {
    const rows = rowsOf("Exit codes");
    expect(rows.map(([name]) => name).sort()).toEqual(
      leaves.map(({ name }) => name).sort(),
    );
    for (const row of rows) expect(row).toHaveLength(4);
  });

  it("have the JSON of exactly the commands that print some", () => {
    const documented = rowsOf("JSON")
      .map(([name = ""]) => name)
      .filter((name) => /^[a-z]/.test(name));
    const bare = documented.filter((name) => !/ (--|[A-Z])/.test(name));
    expect(bare.sort()).toEqual(withJson.sort());
    for (const name of documented)
      expect(withJson).toContain(name.replace(/ (--|[A-Z]).*/, ""));
  });

  it("explain each name that a shape uses, and use each that they explain", () => {
    const known = shapes();
    const used = [
      ...JSON.stringify([...known.values()]).matchAll(/\b[A-Z]\w+\b/g),
    ];
    const names = [...known.keys()].filter((name) => /^[A-Z]/.test(name));
    expect(
      [...new Set([...used.map(([name]) => name), "Failure"])].sort(),
    ).toEqual(names.sort());
  });
});

it("a value that differs from its shape is found", () => {
  const known = new Map([
    ["Row", { id: "string", "more?": ["a or null"] }],
  ] as const);
  const at = (value: unknown) => mismatches(value, "Row", known);
  expect(at({ id: "1" })).toEqual([]);
  expect(at({ id: "1", more: ["a", null] })).toEqual([]);
  expect(at({ id: 1 })).toEqual(["Row.id is 1, and not string"]);
  expect(at({ id: "1", more: ["b"] })).toHaveLength(1);
  expect(at({})).toEqual(["Row.id is missing"]);
  expect(at({ id: "1", other: 1 })).toEqual(["Row.other is not documented"]);
});

describe("the documented JSON", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sell-kafka-shapes-"));
    await writeFile(join(folder, "broken.json"), "{");
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function printed(...args: readonly string[]): Promise<unknown> {
    const { stdout } = await sellKafka([...args, "--json"], {
      stopping: AbortSignal.abort(new Error("it has said enough")),
    });
    return JSON.parse(stdout);
  }

  it.each([
    ["simulate", ["simulate", "--port", "0", "--records", "30"]],
    ["schemas", ["schemas"]],
    ["schemas TYPE", ["schemas", "deal"]],
  ])("of %s is what it prints", async (name, args) => {
    expect(mismatches(await printed(...args), name)).toEqual([]);
  });

  it("of a demo whose Kafka can't be used is what it prints", async () => {
    const args = [
      "demo",
      "--kafka",
      "127.0.0.1:1",
      "--records",
      "30",
      "--json",
    ];
    const { exitCode, stdout, stderr } = await sellKafka(args);
    expect(exitCode).toBe(1);
    const failure = JSON.parse(stdout) as { problems: string[] };
    expect(mismatches(failure, "Failure")).toEqual([]);
    expect(stderr).toContain(`demo: ${failure.problems[0] ?? ""}`);
  });

  it("of a command with a broken configuration is what it prints", async () => {
    const words: Readonly<Record<string, string>> = {
      explain: "explain contact 1",
      "dead-letters show": "dead-letters show 0/1",
      "dead-letters replay": "dead-letters replay --all",
      "dead-letters dismiss": "dead-letters dismiss --all --reason spam",
    };
    const own: Readonly<Record<string, string>> = {
      sync: "sync",
      check: "check",
    };
    const file = ["--config", join(folder, "broken.json")];
    const configured = leaves
      .filter(
        ({ name, command }) =>
          withJson.includes(name) &&
          command.options.some(({ long }) => long === "--config"),
      )
      .map(({ name }) => name);
    expect(configured.length).toBeGreaterThan(7);
    for (const name of configured) {
      const value = await printed(...(words[name] ?? name).split(" "), ...file);
      expect(mismatches(value, own[name] ?? "Failure"), name).toEqual([]);
    }
    const ofFolder = await printed("check", "--config", folder);
    expect(mismatches(ofFolder, "check --config DIR")).toEqual([]);
  });
});
