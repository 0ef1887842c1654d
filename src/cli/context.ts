import { printableLines } from "../security/printable.ts";

/** The process around a command, as far as it may touch it. */
export interface Context {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read only to ask people for something. */
  readonly stdin: Input;
  /** Only what was asked for. */
  readonly stdout: Output;
  /** Logs, progress, and words for people. */
  readonly stderr: Output;
  /** Aborted by the first SIGINT or SIGTERM; the second one ends the process. */
  readonly stopping: AbortSignal;
  /** From now on, errors that nobody caught are told here, and no longer end the process. */
  readonly outliveErrors?: (told: (error: unknown) => void) => void;
}

export type Input = { readonly isTTY?: boolean } & NodeJS.ReadableStream;

export type Output = { readonly isTTY?: boolean } & NodeJS.WritableStream;

/**
 * Resolves once the text has left the process, so that a slow reader slows down the writer. What a
 * terminal would obey is escaped; text from elsewhere within a line is made `printable` before.
 */
export function print(output: Output, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(printableLines(text), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The command can't be carried out as it was given: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
