import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
  type OptionValues,
} from "@commander-js/extra-typings";
import { UsageError } from "../app/usage-error.ts";
import { ConfigError } from "../config/problem.ts";
import { version } from "../version.ts";
import type { Definition, Execute, Failed } from "./commands/definition.ts";
import { examples } from "./examples.ts";
import { reportFatalError } from "./fatal-errors.ts";
import { printFailure, ToldFailure } from "./print-failure.ts";
import { print, type ProcessContext } from "./process-context.ts";

interface CommandFile {
  readonly define: Definition;
  readonly failed?: Failed;
}

/** The files of the commands, in the order in which the help shows them. */
const commands: Readonly<Record<string, () => Promise<CommandFile>>> = {
  init: () => import("./commands/init/init.ts"),
  run: () => import("./commands/run.ts"),
  sync: () => import("./commands/sync.ts"),
  check: () => import("./commands/check.ts"),
  status: () => import("./commands/status/status.ts"),
  explain: () => import("./commands/explain/explain.ts"),
  audit: () => import("./commands/audit/audit.ts"),
  "dead-letters": () => import("./commands/dead-letters/dead-letters.ts"),
  schemas: () => import("./commands/schemas.ts"),
  simulate: () => import("./commands/simulate.ts"),
  demo: () => import("./commands/demo/demo.ts"),
  completion: () => import("./commands/completion/completion.ts"),
};

/** Loads the command that the arguments begin with, or all: the help and the completion show them all. */
export async function loadCommands([first = ""]: readonly string[]): Promise<
  CommandFile[]
> {
  if (first === "-v" || first === "--version") return [];
  const isOne = Object.hasOwn(commands, first) && first !== "completion";
  const needed = Object.entries(commands).filter(
    ([name]) => !isOne || name === first,
  );
  return Promise.all(needed.map(([, load]) => load()));
}

/** Runs the command line; resolves to the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(context: ProcessContext): Promise<number> {
  const { args } = context;
  let exitCode = 0;
  const files = await loadCommands(args);
  const program = createProgram(
    files.map(({ define }) => define),
    context,
    async (body) => {
      exitCode = await body();
    },
  );
  // Until a command was understood, only its name and what was typed are known.
  let flags: OptionValues = { json: args.includes("--json") };
  program.hook("preAction", (_, command) => {
    flags = command.opts();
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    const isUnderstood = !(error instanceof CommanderError);
    if (!isUnderstood && error.exitCode === 0) return 0;
    const [file] = files;
    const failed = files.length === 1 && isUnderstood ? file?.failed : null;
    const exit = await tell(error, flags, context);
    await printFailure(error, { failed: failed ?? null, flags }, context);
    return exit;
  }
}

/** Tells people what went wrong; resolves to the exit code. */
async function tell(
  error: unknown,
  flags: OptionValues,
  context: ProcessContext,
): Promise<number> {
  // Commander has told its own errors.
  if (error instanceof CommanderError) return 2;
  if (error instanceof ToldFailure) return 1;
  const isWrongUse =
    error instanceof ConfigError || error instanceof UsageError;
  if (isWrongUse) await print(context.stderr, `sell-kafka: ${error.message}\n`);
  else {
    const showsStack = ["debug", "trace"].includes(String(flags["logLevel"]));
    reportFatalError(error, context, { showsStack });
  }
  return isWrongUse ? 2 : 1;
}

export function createProgram(
  definitions: readonly Definition[],
  context: ProcessContext,
  execute: Execute,
): Command {
  const program = new Command("sell-kafka")
    .description(
      "Streams Zendesk Sell changes into Apache Kafka, and acknowledges a change to Sell only once Kafka has confirmed it.",
    )
    .version(version, "-v, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .addHelpText(
      "after",
      `${examples(
        ["see it work, with a simulated Sell", "demo"],
        ["write a configuration, then try it", "init"],
        ["the options and examples of a command", "help sync"],
      )}

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.`,
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
  for (const define of definitions) define(program, context, execute);
  defineHelp(program, execute);
  pointToHelp(program, []);
  return program;
}

/** Commander's own `help` knows no command within another. */
function defineHelp(program: Command, execute: Execute): void {
  program
    .command("help")
    .description("show the help of a command")
    .argument("[command...]", "the words of the command, such as sync")
    .addHelpText(
      "after",
      examples(["a command within another", "help dead-letters replay"]),
    )
    .action((words) =>
      execute(() => {
        commandAt(program, words).outputHelp();
        return Promise.resolve(0);
      }),
    );
}

function commandAt(
  program: CommandUnknownOpts,
  words: readonly string[],
): CommandUnknownOpts {
  let found = program;
  for (const word of words) {
    const next = found.commands.find((one) => one.name() === word);
    if (next === undefined)
      return found.error(`error: unknown command '${word}'`);
    found = next;
  }
  return found;
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
