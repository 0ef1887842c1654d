import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/problem.ts";
import { version } from "../version.ts";
import { print, UsageError, type Context } from "./context.ts";
import { tellEnd } from "./last-words.ts";
import { defineAudit } from "./definitions/audit.ts";
import { defineCheck } from "./definitions/check.ts";
import { defineCompletion } from "./definitions/completion.ts";
import { defineDeadLetters } from "./definitions/dead-letters.ts";
import type { CarryOut } from "./definitions/definition.ts";
import { defineDemo } from "./definitions/demo.ts";
import { defineDrains } from "./definitions/drains.ts";
import { defineExplain } from "./definitions/explain.ts";
import { defineInit } from "./definitions/init.ts";
import { defineSchemas } from "./definitions/schemas.ts";
import { defineSimulate } from "./definitions/simulate.ts";

/** In the order in which the help shows them. */
const definitions = [
  defineInit,
  defineDrains,
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
export async function main(context: Context): Promise<number> {
  let exitCode = 0;
  const program = programOf(context, async (command) => {
    exitCode = await command();
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

function programOf(context: Context, carryOut: CarryOut): Command {
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
  for (const define of definitions) define(program, context, carryOut);
  pointToHelp(program, []);
  return program;
}

/** What a command does not take, its own help tells best. */
function pointToHelp(command: Command, path: readonly string[]): void {
  const words = [...path, command.name()];
  command.showHelpAfterError(`(${words.join(" ")} --help shows what there is)`);
  for (const one of command.commands) pointToHelp(one, words);
}
