import type { EngineAddress } from "../engine/remove-container.ts";

/** The file in the reaper's folder that takes the output of its processes. */
export const LOG_FILE = "output.log";

/** A process that a reaper runs. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A container that a reaper removes at the end, if there is one. */
export interface OwnedContainer {
  readonly engine: EngineAddress;
  readonly name: string;
}

/** A line of the reaper's standard input. */
export type ReaperOrder =
  | { readonly kind: "run"; readonly command: Command }
  /** Kills the process as a crash would. */
  | { readonly kind: "kill" }
  | { readonly kind: "own-container"; readonly container: OwnedContainer };

/** How a process ended; `error` says why it could not be started. */
export interface Exit {
  readonly code: number | null;
  readonly error: string | null;
}

/** A line of the reaper's standard output. */
export type ReaperReport =
  | { readonly kind: "ready"; readonly folder: string }
  | { readonly kind: "failed"; readonly error: string }
  | { readonly kind: "exited"; readonly exit: Exit };
