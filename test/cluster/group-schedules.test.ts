// Instances stall, die, lose messages and see different files: no connector ever has two writers, and in the end all are shared evenly.
import { describe, expect, it } from "vitest";
import { Random } from "../../src/simulator/random.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";
import { SimulatedGroup } from "../support/cluster/simulated-group.ts";
import { SimulatedInstance } from "../support/cluster/simulated-instance.ts";

const INSTANCES = 3;
const STEP_MS = 100;
const TROUBLED_MS = 90_000;
const CALM_MS = 60_000;
const SEEDS = 12;

/** Runs one order of events. Returns how many instances could write for a connector at the same moment, and how it ended. */
async function play(seed: number) {
  const random = new Random(seed, 1);
  const clock = new FakeClock(() => random.next());
  const group = new SimulatedGroup(clock, random.pick([0, 3_000]));
  let names = ["a", "b", "c", "d", "e", "f", "g"];
  let started = 0;
  const all: SimulatedInstance[] = [];
  const start = () => {
    const name = `i${++started}`;
    const instance = new SimulatedInstance({ name, group, clock, random });
    instance.membership.sees(names);
    all.push(instance);
    return instance;
  };
  const alive = Array.from({ length: INSTANCES }, start);
  const known = new Set(names);
  let mostWriters = 0;
  let writers = new Map<string, number>();
  const step = async () => {
    await clock.advance(STEP_MS);
    group.tick();
    writers = new Map();
    for (const name of known) {
      const count = all.filter((one) => one.mayWrite(name)).length;
      writers.set(name, count);
      mostWriters = Math.max(mostWriters, count);
    }
  };
  const replace = (at: number) => {
    alive[at] = start();
  };
  const events: readonly ((one: SimulatedInstance, at: number) => void)[] = [
    (one) => {
      one.stall();
    },
    (one) => {
      one.wake();
    },
    (one) => {
      one.isCutOff = true;
    },
    (one) => {
      one.isCutOff = false;
    },
    (one, at) => {
      one.kill();
      replace(at);
    },
    (one, at) => {
      one.wake();
      void one.membership[Symbol.asyncDispose]();
      replace(at);
    },
    () => {
      const more = `n${known.size}`;
      known.add(more);
      names = random.chance(0.5) ? [...names, more] : names.slice(1);
    },
    (one) => {
      one.membership.sees(names);
    },
    (one) => {
      one.membership.sees(names);
    },
    () => {
      if (random.chance(0.1)) group.forget();
    },
  ];
  for (let ms = 0; ms < TROUBLED_MS; ms += STEP_MS) {
    await step();
    if (!random.chance(0.05)) continue;
    const at = random.integer(0, INSTANCES - 1);
    const one = alive[at];
    if (one !== undefined)
      events[random.integer(0, events.length - 1)]?.(one, at);
  }
  for (const one of alive) {
    one.wake();
    Object.assign(one, { isCutOff: false, isFaulty: false });
    one.membership.sees(names);
  }
  for (let ms = 0; ms < CALM_MS; ms += STEP_MS) await step();
  const shares = alive.map(
    (one) => names.filter((name) => one.mayWrite(name)).length,
  );
  const run = names.map((name) => writers.get(name));
  for (const one of alive) {
    const ended = one.membership[Symbol.asyncDispose]();
    await clock.runUntil(ended);
  }
  return { mostWriters, shares, run };
}

describe("a group in which anything happens", () => {
  it.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    "never has two writers for one connector, and ends even (seed %i)",
    async (seed) => {
      const { mostWriters, shares, run } = await play(seed);
      expect(mostWriters).toBe(1);
      expect(run).toEqual(run.map(() => 1));
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    },
  );
});
