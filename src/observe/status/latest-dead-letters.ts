import type { TypeLabels } from "../metrics/type-counts.ts";
import type { DeadLetterNote } from "./status.ts";

const SHOWN = 10;
const LONGEST_REASON = 500;

/** The latest dead letters, newest first. */
export class LatestDeadLetters {
  readonly #types: TypeLabels;
  #notes: readonly DeadLetterNote[] = [];

  constructor(types: TypeLabels) {
    this.#types = types;
  }

  /** `atMs` is in milliseconds of any clock. */
  add(
    type: string | null,
    { stage, reason }: { readonly stage: string; readonly reason: string },
    atMs: number,
  ): void {
    const note = {
      atMs,
      type: this.#types.of(type),
      stage,
      reason: reason.slice(0, LONGEST_REASON),
    };
    this.#notes = [note, ...this.#notes].slice(0, SHOWN);
  }

  list(): readonly DeadLetterNote[] {
    return this.#notes;
  }
}
