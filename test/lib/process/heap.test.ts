// The young generation of the heap grows up to a size, and then keeps it.
import { describe, expect, it } from "vitest";
import { growYoungGeneration } from "../../../src/lib/process/heap.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const SIZE = 8 * 1024 * 1024;

class Young {
  bytes = 1024 * 1024;
  readonly factors: number[] = [];

  growBy(times: number): void {
    this.factors.push(times);
  }
}

function grown() {
  const clock = new FakeClock();
  const young = new Young();
  const stopping = new AbortController();
  const growing = growYoungGeneration(SIZE, clock, stopping.signal, young);
  return { clock, young, stopping, growing };
}

describe("the young generation", () => {
  it("grows until it has its size", async () => {
    const { clock, young, growing } = grown();
    await clock.advance(1_000);
    expect(young.factors).toEqual([2]);
    young.bytes = SIZE;
    await clock.advance(50);
    await growing;
    expect(young.factors).toEqual([2, 1]);
  });

  it("keeps its size when the process is stopped, or has not needed more for half a minute", async () => {
    const stopped = grown();
    stopped.stopping.abort(new Error("stopped"));
    await expect(stopped.growing).rejects.toThrow("stopped");
    const idle = grown();
    await idle.clock.advance(30_000);
    await idle.growing;
    expect([stopped.young.factors, idle.young.factors]).toEqual([
      [2, 1],
      [2, 1],
    ]);
  });
});
