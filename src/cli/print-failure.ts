import { UsageError } from "../app/usage-error.ts";
import { ConfigError } from "../config/problem.ts";
import type { Failed } from "./commands/definition.ts";
import { fatalReason } from "./fatal-errors.ts";
import { print, type ProcessContext } from "./process-context.ts";

/** The command failed and has told people why: exit code 1. The message is what `--json` prints. */
export class ToldFailure extends Error {
  override readonly name = "ToldFailure";
}

/** The command that failed, and its options. */
interface FailedCommand {
  /** Null for a command without a result of its own. */
  readonly failed: Failed | null;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** With `--json`, prints what kept a command from its work where its result would stand. */
export async function printFailure(
  error: unknown,
  { failed, flags }: FailedCommand,
  context: ProcessContext,
): Promise<void> {
  if (flags["json"] !== true) return;
  const problems = problemsOf(error, context);
  const result = (await failed?.(problems, flags, error)) ?? {
    result: "incomplete",
    problems,
  };
  // Standard output holds the events when they are printed.
  const output = flags["stdout"] === true ? context.stderr : context.stdout;
  await print(output, `${JSON.stringify(result)}\n`);
}

function problemsOf(error: unknown, context: ProcessContext) {
  if (error instanceof ConfigError) return error.sentences;
  if (error instanceof UsageError || error instanceof ToldFailure)
    return [error.message];
  return [fatalReason(error, context)];
}
