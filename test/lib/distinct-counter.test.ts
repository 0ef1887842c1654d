// Proves that distinct texts are counted, and in how little memory.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DistinctCounter } from "../../src/lib/distinct-counter.ts";

describe("a distinct counter", () => {
  it("counts like a set, however often it has to grow", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5_000 }), (texts) => {
        const keys = new DistinctCounter();
        const known = new Set<string>();
        for (const text of texts) {
          expect(keys.add(text)).toBe(!known.has(text));
          known.add(text);
        }
        expect(keys.count).toBe(known.size);
      }),
      { numRuns: 20 },
    );
  });

  it("grows far beyond its first size", () => {
    const keys = new DistinctCounter();
    for (let n = 0; n < 20_000; n++) keys.add(`Contact-${n}-1`);
    for (let n = 0; n < 20_000; n++)
      expect(keys.add(`Contact-${n}-1`)).toBe(false);
    expect(keys.count).toBe(20_000);
  });

  it("does not grow without end: what was long ago counts as new", () => {
    const slots = 1 << 14;
    const keys = new DistinctCounter(slots);
    const addOthers = (type: string, count: number) => {
      for (let n = 0; n < count; n++) keys.add(`${type}-${n}-1`);
    };
    addOthers("Deal", 30_000);
    expect(keys.add("Contact-1-1")).toBe(true);
    addOthers("Lead", (slots * 5) / 8);
    expect(keys.add("Contact-1-1")).toBe(false);
    addOthers("Task", slots);
    expect(keys.add("Contact-1-1")).toBe(true);
  });
});
