import type { Page } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";
import type { WaitingItems } from "../troubles/waiting-items.ts";

const MOST_TYPES = 100;
/** Excludes control characters and lone surrogates: some readers of metrics reject them or show two of them alike. */
const VALID_NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u;

/**
 * Bounds the labels of resource types, since each label lives as long as the process and Sell may
 * invent types. A type after the first hundred, or with an invalid name, becomes `other`.
 */
export class TypeLabels {
  readonly #known = new Set<string>();

  /** Returns `unknown` for an item without a type. */
  of(type: string | null): string {
    if (type === null) return "unknown";
    if (this.#known.has(type)) return type;
    if (this.#known.size === MOST_TYPES || !VALID_NAME.test(type))
      return "other";
    this.#known.add(type);
    return type;
  }
}

/** How many items of one resource type met each fate since the start. */
export interface TypeFigures {
  readonly type: string;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly superseded: number;
  readonly duplicates: number;
  readonly deadLettered: number;
  /** Items that wait now: they were deferred to a later session. */
  readonly deferred: number;
  readonly failedObjects: number;
}

type Counts = { -readonly [K in keyof TypeFigures]: TypeFigures[K] };

const ops = { c: "created", u: "updated", d: "deleted" } as const;

/** Counts the fates of items by resource type. */
export class TypeCounts {
  readonly #labels: TypeLabels;
  readonly #byType = new Map<string, Counts>();

  constructor(labels: TypeLabels) {
    this.#labels = labels;
  }

  pageFetched({ failedObjects }: Page): void {
    for (const { type } of failedObjects) this.#countsFor(type).failedObjects++;
  }

  settled(outcomes: readonly Outcome[]): void {
    for (const { item, fate } of outcomes) {
      const counts = this.#countsFor(item.type);
      switch (fate.kind) {
        case "published":
          if (item.kind === "change") counts[ops[item.op]]++;
          break;
        case "dead-lettered":
          counts.deadLettered++;
          break;
        case "superseded":
          counts.superseded++;
          break;
        case "duplicate":
          counts.duplicates++;
          break;
        case "deferred":
          break;
      }
    }
  }

  /** Returns the counts, sorted by type. */
  figures(waiting: readonly WaitingItems[]): readonly TypeFigures[] {
    for (const counts of this.#byType.values()) counts.deferred = 0;
    for (const { deferral } of waiting)
      for (const [type, items] of deferral.itemsByType)
        this.#countsFor(type).deferred += items;
    return [...this.#byType.values()]
      .map((counts) => ({ ...counts }))
      .sort((a, b) => (a.type < b.type ? -1 : 1));
  }

  #countsFor(itemType: string | null): Counts {
    const type = this.#labels.of(itemType);
    let counts = this.#byType.get(type);
    if (counts === undefined) {
      counts = {
        type,
        created: 0,
        updated: 0,
        deleted: 0,
        superseded: 0,
        duplicates: 0,
        deadLettered: 0,
        deferred: 0,
        failedObjects: 0,
      };
      this.#byType.set(type, counts);
    }
    return counts;
  }
}
