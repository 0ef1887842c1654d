import { visitMembers, type Span } from "./members.ts";

/** Where the members of an object are, by the index of their field or column. Used for one object after the other. */
export class MemberPlaces {
  /** The members without an index, and those that the caller adds. */
  readonly others = new Map<string, Span>();
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #offsets: Int32Array;
  /** The scanner keeps the names of the object before here. */
  readonly #usual: string[] = [];

  /** `indexes` by the names of members, each below `count`. */
  constructor(indexes: ReadonlyMap<string, number>, count: number) {
    this.#indexes = indexes;
    this.#offsets = new Int32Array(2 * count);
  }

  /** Finds the members of the object that starts at `at`. A repeated name keeps its last value, as with `JSON.parse`. */
  find(json: Buffer, at: number): void {
    this.others.clear();
    this.#offsets.fill(0);
    visitMembers(
      json,
      at,
      (name, start, end) => {
        const index = this.#indexes.get(name);
        if (index === undefined) this.others.set(name, { start, end });
        else {
          this.#offsets[2 * index] = start;
          this.#offsets[2 * index + 1] = end;
        }
      },
      this.#usual,
    );
  }

  /** Null when the object has no such member. */
  of(index: number): Span | null {
    const start = this.#offsets[2 * index] ?? 0;
    // A value stands behind the brace of its object, so never at 0.
    return start === 0
      ? null
      : { start, end: this.#offsets[2 * index + 1] ?? 0 };
  }

  /** The place of a member by its name; null when the object has no such member. */
  named(name: string): Span | null {
    const index = this.#indexes.get(name);
    return index === undefined
      ? (this.others.get(name) ?? null)
      : this.of(index);
  }
}
