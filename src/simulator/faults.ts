import type { Random } from "./random.ts";

export const faultNames = [
  "401",
  "403",
  "429",
  "404-429",
  "500",
  "reset",
  "truncate",
  "empty-page",
  "failed-objects",
  "session-lost",
  "slow",
  "ack-lost",
  "html",
] as const;

/** Faults by which Sell says that it refuses the token: a client that tries again at once is wrong. */
export const denials: readonly Fault[] = ["401", "403"];

export type Fault = (typeof faultNames)[number];

/** The probability of each fault, from 0 to 1, at every request that it can affect. */
export type Faults = Readonly<Partial<Record<Fault, number>>>;

const USUAL_PROBABILITY = 0.1;

/** Parses `429,reset=0.2`. Throws a RangeError that says what is wrong and what is allowed. */
export function parseFaults(list: string): Faults {
  const faults: Partial<Record<Fault, number>> = {};
  for (const entry of list.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [name = "", probability] = entry.split("=");
    const fault = faultNames.find((known) => known === name);
    if (fault === undefined)
      throw new RangeError(
        `there is no fault "${name}"; there are ${faultNames.join(", ")}`,
      );
    const chance =
      probability === undefined ? USUAL_PROBABILITY : Number(probability);
    if (probability === "" || !(chance >= 0 && chance <= 1))
      throw new RangeError(
        `"${entry}": the probability must be a number from 0 to 1`,
      );
    faults[fault] = chance;
  }
  return faults;
}

/** Decides for each request whether a fault happens. */
export class FaultDice {
  readonly #faults: Faults;
  readonly #random: Random;
  /** Number of times that each fault happened. */
  readonly happened: Partial<Record<Fault, number>> = {};

  constructor(faults: Faults, random: Random) {
    this.#faults = faults;
    this.#random = random;
  }

  happens(fault: Fault): boolean {
    const probability = this.#faults[fault] ?? 0;
    if (probability === 0 || !this.#random.chance(probability)) return false;
    this.happened[fault] = (this.happened[fault] ?? 0) + 1;
    return true;
  }

  /** Picks one of the variants of a fault. */
  pick<T>(choices: readonly [T, ...T[]]): T {
    return this.#random.pick(choices);
  }
}
