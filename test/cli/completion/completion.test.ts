// The completion scripts offer every command, option and value, and are valid in their shells.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sellKafka } from "../../support/process/command.ts";

function has(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

/** An empty folder but for two files; shells run in it. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sell-kafka-completion-"));
  for (const file of ["crm one.json", "crm-two.json"])
    writeFileSync(join(folder, file), "");
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function scriptFor(shell: string): Promise<string> {
  const { exitCode, stdout } = await sellKafka(["completion", shell]);
  expect(exitCode).toBe(0);
  return stdout;
}

function run(shell: string, args: readonly string[], script: string): string[] {
  const options = { cwd: folder, encoding: "utf8" } as const;
  const output = execFileSync(shell, [...args, "-c", script], options);
  return output.split("\n").filter((line) => line !== "");
}

describe.skipIf(!has("bash"))("completion in bash", () => {
  /** What bash offers for the last of the words, taken apart as bash does it. */
  async function offered(...words: readonly string[]): Promise<string[]> {
    const typed = ["sell-kafka", ...words].map((word) => `'${word}'`).join(" ");
    const ask = `set -u
COMP_WORDS=(${typed}); COMP_CWORD=${words.length}
$(complete -p sell-kafka | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
printf '%s\\n' "\${COMPREPLY[@]-}"`;
    const script = `${await scriptFor("bash")}\n${ask}\n`;
    return run("bash", ["--noprofile", "--norc"], script);
  }

  it.each<[string[], string[]]>([
    [["s"], ["sync", "status", "schemas", "simulate"]],
    [
      ["dead-letters", ""],
      ["list", "show", "replay", "dismiss", "--help"],
    ],
    [["dead-letters", "replay", "--t"], ["--type"]],
    [["sync", "--st"], ["--stdout"]],
    [["sync", "--log-level", "w"], ["warn"]],
    [["sync", "--log-level", "=", "w"], ["warn"]],
    [
      ["sync", "--log-level", "="],
      ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    ],
    [
      ["init", "--value", ""],
      ["json", "avro", "json-schema", "protobuf"],
    ],
    [
      ["sync", "--config", "crm"],
      ["crm one.json", "crm-two.json"],
    ],
    [["simulate", "--port", ""], []],
    [
      ["completion", ""],
      ["bash", "zsh", "fish", "--help"],
    ],
    [["nonsense", "--he"], ["--help"]],
  ])("after %j offers %j", async (words, expected) => {
    expect((await offered(...words)).sort()).toEqual(expected.sort());
  });

  it("offers every command that the help shows", async () => {
    const { stdout } = await sellKafka(["--help"]);
    const [, commands = ""] = /\nCommands:\n(.*?)\n\n/s.exec(stdout) ?? [];
    const shown = [...commands.matchAll(/^ {2}([a-z-]+)/gm)];
    const words = await offered("");
    expect(shown.length).toBeGreaterThan(8);
    expect(words).toEqual(
      expect.arrayContaining(shown.map(([, name]) => name)),
    );
  });
});

describe.skipIf(!has("fish"))("completion in fish", () => {
  async function offered(line: string): Promise<string[]> {
    const script = `${await scriptFor("fish")}\ncomplete -C '${line}'\n`;
    return run("fish", ["--no-config"], script).map(
      (offer) => offer.split("\t")[0] ?? "",
    );
  }

  it("offers commands, options and values", async () => {
    expect((await offered("sell-kafka s")).sort()).toEqual([
      "schemas",
      "simulate",
      "sync",
    ]);
    expect((await offered("sell-kafka dead-letters ")).sort()).toEqual([
      "dismiss",
      "list",
      "replay",
      "show",
    ]);
    expect(await offered("sell-kafka sync --st")).toEqual(["--stdout"]);
    expect(await offered("sell-kafka sync --log-level w")).toEqual(["warn"]);
    expect(await offered("sell-kafka sync --config crm-")).toEqual([
      "crm-two.json",
    ]);
  });
});

describe.skipIf(!has("zsh"))("completion in zsh", () => {
  it("is a script that zsh understands, with a function for each command", async () => {
    const script = `autoload -Uz compinit; compinit -D -u
${await scriptFor("zsh")}
print -l \${(ok)functions[(I)_sell-kafka*]} "registered \${_comps[sell-kafka]}"`;
    const lines = run("zsh", ["-f"], script);
    expect(lines).toContain("_sell-kafka_dead-letters_replay");
    expect(lines).toContain("registered _sell-kafka");
  });
});

it("refuses a shell that it does not know", async () => {
  const { exitCode, stderr } = await sellKafka(["completion", "tcsh"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Allowed choices are bash, zsh, fish");
});
