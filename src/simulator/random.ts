/** A seeded generator of random numbers: the same seeds give the same sequence. */
export class Random {
  #state: number;

  constructor(...seeds: readonly number[]) {
    this.#state = seeds.reduce(
      (state, seed) => scramble(state ^ Math.imul(seed, 0x9e3779b1)),
      0x243f6a88,
    );
  }

  /** Returns a number from 0 up to, but not including, 1 (mulberry32, by Tommy Ettinger, public domain). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return scramble(this.#state) / 2 ** 32;
  }

  /** Returns a whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.integer(0, choices.length - 1)] ?? choices[0];
  }

  /** Returns each choice with the given probability, in the given order. */
  some<T>(choices: readonly T[], probability: number): T[] {
    return choices.filter(() => this.chance(probability));
  }

  /** Shuffles the array in place, and returns it. */
  shuffled<T>(values: T[]): T[] {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.integer(0, last);
      const moved = values[last] as T;
      values[last] = values[other] as T;
      values[other] = moved;
    }
    return values;
  }
}

function scramble(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}
