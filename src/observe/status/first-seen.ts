/** Remembers since when each of some keys is present. */
export class FirstSeen {
  #sinceMs: ReadonlyMap<string, number> = new Map();

  /** Takes the keys that are present now, forgets all others, and returns since when each one is. */
  update(keys: readonly string[], nowMs: number): ReadonlyMap<string, number> {
    this.#sinceMs = new Map(
      keys.map((key) => [key, this.#sinceMs.get(key) ?? nowMs]),
    );
    return this.#sinceMs;
  }
}
