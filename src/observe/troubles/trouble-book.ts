/** A trouble that is there at one moment. Times are milliseconds of one clock that never leaps. */
export interface Sighting<T> {
  readonly facts: T & { readonly key: string };
  /** When it is tried again; null when that is not known. */
  readonly nextTryMs: number | null;
  /** When it began, if that was before it was seen first. */
  readonly sinceMs?: number;
  /** False while what is known of it still grows. */
  readonly isFirm?: boolean;
  /** Whether the end of a drain shows it. */
  readonly isOfDrain?: boolean;
}

/** A trouble from when it was first seen. */
export interface Lasting<T> {
  readonly facts: T;
  readonly sinceMs: number;
  readonly nextTryMs: number | null;
  readonly isFirm: boolean;
  readonly isOfDrain: boolean;
}

/** Receives what changes between two looks. */
export interface TroubleListener<T> {
  readonly lasts: (trouble: Lasting<T>) => void;
  readonly over: (trouble: Lasting<T>) => void;
}

/** Remembers since when each trouble lasts. */
export class TroubleBook<T> {
  readonly #listener: TroubleListener<T>;
  #present = new Map<string, Lasting<T>>();

  constructor(listener: TroubleListener<T>) {
    this.#listener = listener;
  }

  /** In the order of the latest look. */
  get present(): readonly Lasting<T>[] {
    return [...this.#present.values()];
  }

  /** Takes the troubles of now; the first of several with one key counts. */
  look(sightings: Iterable<Sighting<T>>, nowMs: number): void {
    const before = this.#present;
    const now = new Map<string, Lasting<T>>();
    for (const sighting of sightings) {
      const { key } = sighting.facts;
      if (now.has(key)) continue;
      const sinceMs = before.get(key)?.sinceMs ?? sighting.sinceMs ?? nowMs;
      now.set(key, {
        isFirm: true,
        isOfDrain: false,
        ...sighting,
        sinceMs,
      });
    }
    this.#present = now;
    for (const [key, trouble] of before)
      if (!now.has(key)) this.#listener.over(trouble);
    for (const trouble of now.values()) this.#listener.lasts(trouble);
  }
}
