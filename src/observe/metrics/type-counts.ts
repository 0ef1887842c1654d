import type { Page } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";
import type { TypeLabels } from "./type-labels.ts";

/** What became of the items of one resource type since the start. */
export interface TypeFigures {
  readonly type: string;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly superseded: number;
  readonly duplicates: number;
  readonly deadLettered: number;
  /** How often an item was left to a later session. */
  readonly deferred: number;
  readonly failedObjects: number;
}

type Counts = { -readonly [K in keyof TypeFigures]: TypeFigures[K] };

const ops = { c: "created", u: "updated", d: "deleted" } as const;

export class TypeCounts {
  readonly #labels: TypeLabels;
  readonly #byType = new Map<string, Counts>();

  constructor(labels: TypeLabels) {
    this.#labels = labels;
  }

  pageFetched({ failedObjects }: Page): void {
    for (const { type } of failedObjects) this.#of(type).failedObjects++;
  }

  settled(outcomes: readonly Outcome[]): void {
    for (const { item, fate } of outcomes) {
      const counts = this.#of(item.type);
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
          counts.deferred++;
          break;
      }
    }
  }

  /** Sorted by name. */
  figures(): readonly TypeFigures[] {
    return [...this.#byType.values()]
      .map((counts) => ({ ...counts }))
      .sort((a, b) => (a.type < b.type ? -1 : 1));
  }

  #of(itsType: string | null): Counts {
    const type = this.#labels.of(itsType);
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
