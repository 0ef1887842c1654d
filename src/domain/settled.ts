import type { AckKey, Item } from "./change.ts";
import type { Cause } from "./cause.ts";
import type { Stage } from "./faults.ts";

/** What became of one item. Every fate but `deferred` releases its acknowledgement key. */
export type Fate =
  | { readonly kind: "published" }
  | {
      readonly kind: "dead-lettered";
      readonly stage: Stage;
      readonly reason: string;
    }
  | { readonly kind: "superseded" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "deferred"; readonly why: Cause };

export interface Outcome {
  readonly item: Item;
  readonly fate: Fate;
}

/**
 * The fates of a batch whose records are durable. The acknowledger accepts nothing else, and
 * the only ways to make one are to await the write that it speaks of, or to have read of it
 * in the journal that was written with it.
 */
export class Settled {
  readonly outcomes: readonly Outcome[];
  /** The keys that may be acknowledged now. */
  readonly ackKeys: readonly AckKey[];
  /** Told once Sell has accepted all of the keys, and those of everything settled before. */
  readonly acknowledged: () => void;

  private constructor(
    outcomes: readonly Outcome[],
    ackKeys: readonly AckKey[],
    acknowledged: () => void,
  ) {
    this.outcomes = outcomes;
    this.ackKeys = ackKeys;
    this.acknowledged = acknowledged;
  }

  static async once(
    durableWrite: Promise<readonly Outcome[]>,
    acknowledged: () => void = () => undefined,
  ): Promise<Settled> {
    const outcomes = await durableWrite;
    return new Settled(outcomes, keysOf(outcomes), acknowledged);
  }

  /** What an earlier run has settled, by the journal's committed entries. */
  static journaled(ackKeys: readonly string[], acknowledged: () => void) {
    return new Settled([], ackKeys as readonly AckKey[], acknowledged);
  }
}

function keysOf(outcomes: readonly Outcome[]): AckKey[] {
  const keys: AckKey[] = [];
  for (const { item, fate } of outcomes) {
    if (fate.kind !== "deferred" && item.ackKey !== null)
      keys.push(item.ackKey);
  }
  return keys;
}
