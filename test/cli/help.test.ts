// Every command explains itself: by -h, --help and `help`, with examples that the command line accepts.
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describe, expect, it } from "vitest";
import { createProgram, loadCommands } from "../../src/cli/program.ts";
import type { ProcessContext } from "../../src/cli/process-context.ts";
import { version } from "../../src/version.ts";
import { sellKafka } from "../support/process/command.ts";

const definitions = (await loadCommands([])).map(({ define }) => define);

/** The command line, whose commands do nothing; `understood` is called in place of each. */
function programOf(understood: () => void = () => undefined) {
  const silent = { write: () => true };
  const context = { stdout: silent, stderr: silent };
  return createProgram(
    definitions,
    context as unknown as ProcessContext,
    () => {
      understood();
      return Promise.resolve();
    },
  );
}

function pathsIn(command: CommandUnknownOpts, path: string[]): string[][] {
  const below = command.commands.flatMap((one) =>
    pathsIn(one, [...path, one.name()]),
  );
  return [path, ...below];
}

/** The lines of the examples in a help text. */
function examplesIn(help: string): string[] {
  const [, shown = ""] = help.split("\nExamples:\n");
  return [...shown.matchAll(/^ {2}sell-kafka(.*)$/gm)].map(
    ([, line = ""]) => line,
  );
}

const paths = pathsIn(programOf(), []);

it("there are more than ten commands to look at", () => {
  expect(paths.length).toBeGreaterThan(12);
});

describe.each(paths.map((path) => ({ path, words: path.join(" ") })))(
  "sell-kafka $words",
  ({ path }) => {
    it("shows the same help by -h, --help and help", async () => {
      const help = await sellKafka([...path, "--help"]);
      expect(help).toMatchObject({ exitCode: 0, stderr: "" });
      expect(help.stdout).toContain("-h, --help");
      expect(await sellKafka([...path, "-h"])).toEqual(help);
      expect(await sellKafka(["help", ...path])).toEqual(help);
    });

    it("has examples, each with its purpose, which are understood", async () => {
      const { stdout } = await sellKafka([...path, "--help"]);
      const lines = examplesIn(stdout);
      expect(lines.length).toBeGreaterThan(0);
      expect(stdout.match(/^ {2}# \S/gm)).toHaveLength(lines.length);
      for (const line of lines) {
        // What the shell does with the output is not the command's to read.
        const words = line
          .replace(/ [|>].*/, "")
          .trim()
          .split(/ +/);
        expect(words.join(" ").startsWith(path.join(" "))).toBe(true);
        let isUnderstood = false;
        const program = programOf(() => (isUnderstood = true));
        await program.parseAsync(words, { from: "user" });
        expect(isUnderstood, line).toBe(true);
      }
    });
  },
);

it("shows its version by -v and --version", async () => {
  const shown = { exitCode: 0, stdout: `${version}\n`, stderr: "" };
  expect(await sellKafka(["-v"])).toEqual(shown);
  expect(await sellKafka(["--version"])).toEqual(shown);
});

it.each([
  [["help", "sink"], "unknown command 'sink'"],
  [["help", "dead-letters", "sink"], "(sell-kafka dead-letters --help shows"],
])("refuses %j with exit code 2", async (args, words) => {
  const { exitCode, stdout, stderr } = await sellKafka(args);
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(words);
});
