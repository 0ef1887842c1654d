import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
} from "@commander-js/extra-typings";
import { UsageError } from "../app/usage-error.ts";
import { ConfigError } from "../config/problem.ts";
import { version } from "../version.ts";
import type { Definition, Execute } from "./commands/definition.ts";
import { reportFatalError } from "./fatal-errors.ts";
import { print, type ProcessContext } from "./process-context.ts";

/** The files of the commands, in the order in which the help shows them. */
const commands: Readonly<
  Record<string, () => Promise<{ define: Definition }>>
> = {
  init: () => import("./commands/init/init.ts"),
  run: () => import("./commands/run.ts"),
  sync: () => import("./commands/sync.ts"),
  check: () => import("./commands/check.ts"),
  status: () => import("./commands/status/status.ts"),
  explain: () => import("./commands/explain.ts"),
  audit: () => import("./commands/audit.ts"),
  "dead-letters": () => import("./commands/dead-letters/dead-letters.ts"),
  schemas: () => import("./commands/schemas.ts"),
  simulate: () => import("./commands/simulate.ts"),
  demo: () => import("./commands/demo/demo.ts"),
  completion: () => import("./commands/completion/completion.ts"),
};

/** Loads the command that the arguments begin with, or all: the help and the completion show them all. */
async function loadCommands([first = ""]: readonly string[]): Promise<
  Definition[]
> {
  if (first === "--version") return [];
  const isOne = Object.hasOwn(commands, first) && first !== "completion";
  const needed = Object.entries(commands).filter(
    ([name]) => !isOne || name === first,
  );
  const files = await Promise.all(needed.map(([, load]) => load()));
  return files.map(({ define }) => define);
}

/** Runs the command line; resolves to the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(context: ProcessContext): Promise<number> {
  let exitCode = 0;
  const definitions = await loadCommands(context.args);
  const program = createProgram(definitions, context, async (body) => {
    exitCode = await body();
  });
  try {
    await program.parseAsync([...context.args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isWrongUse =
      error instanceof ConfigError || error instanceof UsageError;
    if (isWrongUse)
      await print(context.stderr, `sell-kafka: ${error.message}\n`);
    else reportFatalError(error, context);
    return isWrongUse ? 2 : 1;
  }
}

function createProgram(
  definitions: readonly Definition[],
  context: ProcessContext,
  execute: Execute,
): Command {
  const program = new Command("sell-kafka")
    .description(
      "Streams Zendesk Sell changes into Apache Kafka, and acknowledges a change to Sell only once Kafka has confirmed it.",
    )
    .version(version, "--version", "print the version")
    .helpOption("--help", "show this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
  for (const define of definitions) define(program, context, execute);
  pointToHelp(program, []);
  return program;
}

/** Makes each usage error name the command whose `--help` explains it. */
function pointToHelp(
  command: CommandUnknownOpts,
  path: readonly string[],
): void {
  const words = [...path, command.name()];
  command.showHelpAfterError(`(${words.join(" ")} --help shows what there is)`);
  for (const one of command.commands) pointToHelp(one, words);
}
