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
    const keys = new DistinctCounter(1 << 10);
    keys.add("Contact-1-1");
    for (let n = 0; n < 10_000; n++) keys.add(`Deal-${n}-1`);
    expect(keys.add("Contact-1-1")).toBe(false);
    for (let n = 0; n < 10_000; n++) keys.add(`Lead-${n}-1`);
    expect(keys.add("Contact-1-1")).toBe(true);
  });
});
