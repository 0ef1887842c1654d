import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
} from "@commander-js/extra-typings";
import { UsageError } from "../app/usage-error.ts";
import { ConfigError } from "../config/problem.ts";
import { version } from "../version.ts";
import { defineAudit } from "./commands/audit.ts";
import { defineCheck } from "./commands/check.ts";
import { defineCompletion } from "./commands/completion/completion.ts";
import { defineDeadLetters } from "./commands/dead-letters/dead-letters.ts";
import type { Execute } from "./commands/definition.ts";
import { defineDemo } from "./commands/demo/demo.ts";
import { defineExplain } from "./commands/explain.ts";
import { defineInit } from "./commands/init/init.ts";
import { defineRun } from "./commands/run.ts";
import { defineSchemas } from "./commands/schemas.ts";
import { defineSimulate } from "./commands/simulate.ts";
import { defineSync } from "./commands/sync.ts";
import { tellEnd } from "./last-words.ts";
import { print, type ProcessContext } from "./process-context.ts";

/** The commands, in the order in which the help shows them. */
const definitions = [
  defineInit,
  defineRun,
  defineSync,
  defineCheck,
  defineExplain,
  defineAudit,
  defineDeadLetters,
  defineSchemas,
  defineSimulate,
  defineDemo,
  defineCompletion,
];

/** Runs the command line; resolves to the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(context: ProcessContext): Promise<number> {
  let exitCode = 0;
  const program = createProgram(context, async (body) => {
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
    else tellEnd(error, context);
    return isWrongUse ? 2 : 1;
  }
}

function createProgram(context: ProcessContext, execute: Execute): Command {
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

/** Ends each error of wrong usage with the way to the command's own help. */
function pointToHelp(
  command: CommandUnknownOpts,
  path: readonly string[],
): void {
  const words = [...path, command.name()];
  command.showHelpAfterError(`(${words.join(" ")} --help shows what there is)`);
  for (const one of command.commands) pointToHelp(one, words);
}
