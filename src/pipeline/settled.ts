import type { AckKey, Item } from "./change.ts";
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
  | { readonly kind: "deferred"; readonly reason: string };

export interface Outcome {
  readonly item: Item;
  readonly fate: Fate;
}

/**
 * The fates of a batch whose records are durable. The acknowledger accepts nothing else,
 * and the only way to make one is to await the write that it speaks of.
 */
export class Settled {
  readonly outcomes: readonly Outcome[];

  private constructor(outcomes: readonly Outcome[]) {
    this.outcomes = outcomes;
  }

  static async once(
    durableWrite: Promise<readonly Outcome[]>,
  ): Promise<Settled> {
    return new Settled(await durableWrite);
  }

  /** The keys that may be acknowledged now. */
  get ackKeys(): AckKey[] {
    const keys: AckKey[] = [];
    for (const { item, fate } of this.outcomes) {
      if (fate.kind !== "deferred" && item.ackKey !== null)
        keys.push(item.ackKey);
    }
    return keys;
  }
}
