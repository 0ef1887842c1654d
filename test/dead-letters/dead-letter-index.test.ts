/** The index knows what became of each dead letter, in the order of offsets or not, in little memory. */
import { describe, expect, it } from "vitest";
import { DeadLetterIndex } from "../../src/dead-letters/dead-letter-index.ts";
import { Random } from "../../src/simulator/random.ts";

const dismissal = { time: "t", by: "ada@host", reason: "obsolete" };

describe("the index of dead letters", () => {
  it("agrees with a map, also where dead letters arrive late", () => {
    const random = new Random(3, 1);
    const index = new DeadLetterIndex();
    const known = new Map<string, string>();
    for (let step = 0; step < 5_000; step++) {
      const partition = random.integer(0, 2);
      // Dead letters in chunks arrive with their last chunk, under the offset of the first.
      const offset = random.chance(0.1) ? random.integer(0, step) : 10 * step;
      const id = `${partition}/${offset}`;
      if (!known.has(id)) {
        index.arrived(id, step, 0);
        known.set(id, "waiting");
      }
      const other = [...known.keys()].at(-random.integer(1, 20)) ?? id;
      if (random.chance(0.2)) {
        index.replayed(other);
        known.set(other, "replayed");
      } else if (random.chance(0.2)) {
        index.dismissed(other, dismissal);
        if (known.get(other) !== "replayed") known.set(other, "dismissed");
      }
    }
    for (const [id, settlement] of known)
      expect(index.settlementOf(id)).toBe(settlement);
    const listed = [...index].map(
      ({ partition, offset, settlement }) =>
        [`${partition}/${offset}`, settlement] as const,
    );
    expect(new Map(listed)).toEqual(known);
    expect(listed).toHaveLength(known.size);
  });

  it("knows nothing of what has not arrived", () => {
    const index = new DeadLetterIndex();
    index.arrived("0/5", 1, 0);
    index.replayed("0/4");
    index.dismissed("1/5", dismissal);
    expect(index.settlementOf("0/4")).toBeNull();
    expect(index.settlementOf("0/5")).toBe("waiting");
  });

  it("takes 24 bytes for each of a million", () => {
    const index = new DeadLetterIndex();
    const before = process.memoryUsage().arrayBuffers;
    for (let offset = 0; offset < 1_000_000; offset++)
      index.arrived(`0/${offset}`, offset, 1);
    // Arrays double as they fill, and the halves they came from may not be collected yet.
    const bytes = process.memoryUsage().arrayBuffers - before;
    expect(bytes).toBeLessThan(2 ** 21 * 24);
    expect(index.settlementOf("0/999999")).toBe("waiting");
  });
});
