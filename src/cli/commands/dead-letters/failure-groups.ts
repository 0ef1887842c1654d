import type { ReplayOutcome } from "../../../dead-letters/replay.ts";
import { causeOf } from "../../../dead-letters/dead-letter-cause.ts";
import { remedyOf } from "./list-groups.ts";

type Failure = Extract<ReplayOutcome, { readonly fate: "failed" }>;

interface Group {
  readonly first: Failure;
  readonly remedy: string;
  count: number;
}

/** Groups the dead letters that a replay could not publish by cause: only the first of each is told in full. */
export class FailureGroups {
  readonly #groups = new Map<string, Group>();

  /** Counts a failure; true when it is the first of its cause. */
  isFirst(failure: Failure): boolean {
    const { deadLetter, stage, reason } = failure;
    const { id, message } = causeOf({ ...deadLetter, stage, reason });
    const known = this.#groups.get(id);
    if (known !== undefined) {
      known.count++;
      return false;
    }
    const remedy = remedyOf(stage, message, deadLetter);
    this.#groups.set(id, { first: failure, remedy, count: 1 });
    return true;
  }

  /** How many more there are of each cause, and what to do about it. */
  *lines(): Iterable<string> {
    for (const { first, remedy, count } of this.#groups.values()) {
      const { id } = first.deadLetter;
      const more =
        count === 1 ? "" : ` and ${count - 1} more for the same reason`;
      yield `next: of ${id}${more}: ${remedy}`;
    }
  }
}
