import type { Random } from "../../src/simulator/random.ts";

export const guarantees = ["at-least-once", "exactly-once"] as const;

export type Guarantee = (typeof guarantees)[number];

/** A phase of a connector's work, by the moment that shows it from outside. */
export interface Phase {
  readonly name: string;
  readonly moment: string;
  /** The connector goes on for up to so long before it is killed; what it sends is held. */
  readonly goesOnForMs: number;
}

function phase(name: string, moment: string, goesOnForMs = 0): Phase {
  return { name, moment, goesOnForMs };
}

const everywhere = [
  phase("fetched", "page passed"),
  phase("encoding", "page passed", 15),
  phase("ack in flight, not heard", "ack asked"),
  phase("ack in flight, heard", "ack answered"),
];

export const phases: Readonly<Record<Guarantee, readonly Phase[]>> = {
  "at-least-once": [
    ...everywhere,
    phase("send in flight, not written", "produce asked"),
    phase("send in flight, written", "produce answered"),
    phase("confirmed, not acknowledged", "produce passed", 15),
  ],
  "exactly-once": [
    ...everywhere,
    phase("recovering", "producer id answered", 15),
    phase("transaction open", "produce answered"),
    phase("committing, not committed", "commit asked"),
    phase("committing, committed", "commit answered"),
    phase("committed, not acknowledged", "commit passed", 15),
  ],
};

/** In which phase each kill falls: in each one as often as in any other, give or take one. */
export function planOf(
  guarantee: Guarantee,
  kills: number,
  random: Random,
): Phase[] {
  const plan: Phase[] = [];
  while (plan.length < kills)
    plan.push(...random.shuffled([...phases[guarantee]]));
  return plan.slice(0, kills);
}
