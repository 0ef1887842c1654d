import type { Command } from "@commander-js/extra-typings";
import type { ProcessContext } from "../process-context.ts";

/** Runs the body of a command and keeps the exit code that it resolves to. */
export type Execute = (body: () => Promise<number>) => Promise<void>;

/**
 * Adds a command with its options, help and body. Its file imports only what is light, and its
 * body loads the rest when it runs, so that `--help` starts fast.
 */
export type Definition = (
  program: Command,
  context: ProcessContext,
  execute: Execute,
) => void;

/** Returns what `--json` prints when a command could not do its work, for a command that prints more then than a result and problems. */
export type Failed = (
  problems: readonly string[],
  flags: Readonly<Record<string, unknown>>,
  error: unknown,
) => Promise<object>;
