/** Failed attempts are told, but for what passes by itself within seconds. */
import { describe, expect, it } from "vitest";
import { toWriteRefusal } from "../../src/publish/sinks/classify-failure.ts";
import { untilAvailable } from "../../src/publish/until-available.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

/** The numbers of the failures that are told, when so many of one type come before a success. */
async function told(type: string, failures: number): Promise<number[]> {
  const numbers: number[] = [];
  let left = failures;
  const write = async () => {
    await Promise.resolve();
    if (left-- > 0) toWriteRefusal(Object.assign(new Error(type), { type }));
  };
  const clock = new FakeClock();
  const retrying = (_what: unknown, _error: unknown, number: number) => {
    numbers.push(number);
  };
  const signal = new AbortController().signal;
  const written = untilAvailable({ clock, retrying }, "publish", write, signal);
  await clock.runUntil(written);
  return numbers;
}

describe("a write that fails", () => {
  it("is told from the first time on", async () => {
    expect(await told("NOT_ENOUGH_REPLICAS", 2)).toEqual([1, 2]);
  });

  it("is not told while the leader of a new partition spreads", async () => {
    expect(await told("NOT_LEADER_FOR_PARTITION", 3)).toEqual([]);
  });

  it("is told when a partition keeps no leader", async () => {
    expect(await told("LEADER_NOT_AVAILABLE", 5)).toEqual([4, 5]);
  });
});
