import type { Dismissal } from "./markers.ts";

/** The fate of a whole dead letter. */
export type Settlement = "waiting" | "replayed" | "dismissed";

/** A dead letter, as far as the index knows it. */
export interface IndexedDeadLetter {
  readonly partition: number;
  readonly offset: number;
  readonly timeMs: number;
  /** As it was given to `arrived`. */
  readonly kind: number;
  readonly settlement: Settlement;
  readonly dismissal: Dismissal | null;
}

const WAITING = 0;
const REPLAYED = 1;
/** The number of the first dismissal; those of one command share one. */
const FIRST_DISMISSAL = 2;
const SMALLEST = 64;

/**
 * Knows what became of each dead letter, in 24 bytes for each: a topic may hold millions. Those of
 * a partition arrive in the order of offsets, but for chunks, which arrive with their last one.
 */
export class DeadLetterIndex {
  readonly #partitions = new Map<number, Column>();
  readonly #dismissals: Dismissal[] = [];
  readonly #dismissalNumbers = new Map<string, number>();

  arrived(id: string, timeMs: number, kind: number): void {
    const [partition, offset] = placeOf(id);
    const column = this.#partitions.get(partition) ?? new Column();
    this.#partitions.set(partition, column);
    column.add(offset, timeMs, kind);
  }

  replayed(id: string): void {
    const [partition, offset] = placeOf(id);
    this.#partitions.get(partition)?.settle(offset, REPLAYED);
  }

  /** A replayed dead letter stays replayed. */
  dismissed(id: string, dismissal: Dismissal): void {
    const [partition, offset] = placeOf(id);
    this.#partitions.get(partition)?.settle(offset, this.#numberOf(dismissal));
  }

  /** Returns the fate of one; null when no such dead letter has arrived. */
  settlementOf(id: string): Settlement | null {
    const [partition, offset] = placeOf(id);
    const number = this.#partitions.get(partition)?.settlement(offset);
    return number === undefined ? null : settlementOf(number);
  }

  /** By partition; those of a partition in the order in which they arrived. */
  *[Symbol.iterator](): Generator<IndexedDeadLetter> {
    const columns = [...this.#partitions].sort(([a], [b]) => a - b);
    for (const [partition, column] of columns)
      for (const { settlement, ...rest } of column.letters())
        yield {
          ...rest,
          partition,
          settlement: settlementOf(settlement),
          dismissal: this.#dismissals[settlement - FIRST_DISMISSAL] ?? null,
        };
  }

  #numberOf(dismissal: Dismissal): number {
    const text = JSON.stringify(dismissal);
    const known = this.#dismissalNumbers.get(text);
    if (known !== undefined) return known;
    const number = FIRST_DISMISSAL + this.#dismissals.push(dismissal) - 1;
    this.#dismissalNumbers.set(text, number);
    return number;
  }
}

/** The dead letters of one partition, in arrays that double as they fill. */
class Column {
  #offsets = new Float64Array(SMALLEST);
  #times = new Float64Array(SMALLEST);
  #kinds = new Uint32Array(SMALLEST);
  #settlements = new Uint32Array(SMALLEST);
  #count = 0;
  /** Places of those that arrived behind later ones. */
  readonly #late = new Map<number, number>();
  #highest = -1;

  add(offset: number, timeMs: number, kind: number): void {
    if (this.#count === this.#offsets.length) this.#grow();
    const place = this.#count++;
    if (offset < this.#highest) this.#late.set(offset, place);
    // A search by offset passes over those that are late.
    this.#highest = Math.max(this.#highest, offset);
    this.#offsets[place] = offset < this.#highest ? this.#highest : offset;
    this.#times[place] = timeMs;
    this.#kinds[place] = kind;
    this.#settlements[place] = WAITING;
  }

  settle(offset: number, settlement: number): void {
    const place = this.#placeOf(offset);
    if (place !== null && this.#settlements[place] !== REPLAYED)
      this.#settlements[place] = settlement;
  }

  settlement(offset: number): number | undefined {
    const place = this.#placeOf(offset);
    return place === null ? undefined : this.#settlements[place];
  }

  *letters() {
    const lateOffsets = new Map(
      [...this.#late].map(([offset, place]) => [place, offset]),
    );
    for (let place = 0; place < this.#count; place++)
      yield {
        offset: lateOffsets.get(place) ?? this.#offsets[place] ?? 0,
        timeMs: this.#times[place] ?? 0,
        kind: this.#kinds[place] ?? 0,
        settlement: this.#settlements[place] ?? WAITING,
      };
  }

  /** Late ones repeat the offset before them: the first place of an offset is its own. */
  #placeOf(offset: number): number | null {
    const late = this.#late.get(offset);
    if (late !== undefined) return late;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low < this.#count && this.#offsets[low] === offset ? low : null;
  }

  #grow(): void {
    const length = 2 * this.#offsets.length;
    this.#offsets = grown(this.#offsets, new Float64Array(length));
    this.#times = grown(this.#times, new Float64Array(length));
    this.#kinds = grown(this.#kinds, new Uint32Array(length));
    this.#settlements = grown(this.#settlements, new Uint32Array(length));
  }
}

function grown<T extends Float64Array | Uint32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

function placeOf(id: string): [number, number] {
  const [partition, offset] = id.split("/");
  return [Number(partition), Number(offset)];
}

function settlementOf(number: number): Settlement {
  if (number === WAITING) return "waiting";
  return number === REPLAYED ? "replayed" : "dismissed";
}
