import { printableLines } from "../security/printable.ts";

/** The process around a command, as far as the command may touch it. */
export interface ProcessContext {
  /** The words that start this program again, in front of the arguments. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read only to ask people for something. */
  readonly stdin: Input;
  /** Takes only what the command was asked for. */
  readonly stdout: Output;
  /** Takes logs, progress, and words for people. */
  readonly stderr: Output;
  /** Aborted by the first SIGINT or SIGTERM; the second one ends the process. */
  readonly stopping: AbortSignal;
  /** From its call on, `told` gets the errors that nobody caught, and they no longer end the process. */
  readonly outliveErrors?: (told: (error: unknown) => void) => void;
}

export type Input = { readonly isTTY?: boolean } & NodeJS.ReadableStream;

export type Output = { readonly isTTY?: boolean } & NodeJS.WritableStream;

/**
 * Resolves once the text has left the process, so that a slow reader slows down the writer. Escapes
 * what a terminal would obey; text from elsewhere within a line is made `printable` before.
 */
export function print(output: Output, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(printableLines(text), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
