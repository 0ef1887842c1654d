import type { TypeLabels } from "../metrics/type-counts.ts";
import type { DeadLetterNote } from "./status.ts";

const SHOWN = 10;
const LONGEST_REASON = 500;

/** The latest dead letters, those of one type, stage and reason together; newest first. */
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
    const facts = {
      type: this.#types.of(type),
      stage,
      reason: reason.slice(0, LONGEST_REASON),
    };
    const isSame = (one: DeadLetterNote) =>
      one.type === facts.type &&
      one.stage === stage &&
      one.reason === facts.reason;
    const count = (this.#notes.find(isSame)?.count ?? 0) + 1;
    const others = this.#notes.filter((one) => !isSame(one));
    this.#notes = [{ atMs, count, ...facts }, ...others].slice(0, SHOWN);
  }

  list(): readonly DeadLetterNote[] {
    return this.#notes;
  }
}
