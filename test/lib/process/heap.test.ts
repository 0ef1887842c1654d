// The young generation of the heap grows up to a size, and then keeps it.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { growYoungGeneration } from "../../../src/lib/process/heap.ts";

const SIZE = 8 * 1024 * 1024;

class Young {
  bytes = 1024 * 1024;
  readonly factors: number[] = [];

  growBy(times: number): void {
    this.factors.push(times);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it("grows until it has its size", () => {
  const young = new Young();
  growYoungGeneration(young);
  vi.advanceTimersByTime(1_000);
  expect(young.factors).toEqual([2]);
  young.bytes = SIZE;
  vi.advanceTimersByTime(50);
  expect(young.factors).toEqual([2, 1]);
  expect(vi.getTimerCount()).toBe(0);
});

it("keeps its size when the process has not needed more for half a minute", () => {
  const young = new Young();
  growYoungGeneration(young);
  vi.advanceTimersByTime(30_000);
  expect(young.factors).toEqual([2, 1]);
  expect(vi.getTimerCount()).toBe(0);
});
