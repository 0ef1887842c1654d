import { describe, expect, it } from "vitest";
import { fingerprint } from "../../src/pipeline/fingerprints.ts";
import { SettledMemory } from "../../src/kafka/settled-memory.ts";

const HOUR_MS = 3_600_000;

describe("the memory of what was settled", () => {
  it("knows the newest item of each record", () => {
    const memory = new SettledMemory();
    expect(memory.newest(fingerprint("contact 1"))).toBeNull();
    memory.note(fingerprint("contact 1"), 5n, "Contact-1-1", 0);
    memory.note(fingerprint("contact 2"), 6n, "Contact-2-1", 0);
    memory.note(fingerprint("contact 1"), 7n, "Contact-1-2", 0);
    expect(memory.newest(fingerprint("contact 1"))).toBe(7n);
    expect(memory.newest(fingerprint("contact 2"))).toBe(6n);
  });

  it("forgets nothing before an hour and a complete session have passed", () => {
    const memory = new SettledMemory();
    memory.note(fingerprint("contact 1"), 5n, "Contact-1-1", 0);
    expect(memory.forget(9 * HOUR_MS)).toEqual([]);
    memory.sessionCompleted(9 * HOUR_MS);
    expect(memory.forget(11 * HOUR_MS)).toEqual([]);
    memory.sessionCompleted(9 * HOUR_MS + 1);
    expect(memory.forget(10 * HOUR_MS - 1)).toEqual([]);
    expect(memory.newest(fingerprint("contact 1"))).toBe(5n);
    expect(memory.forget(10 * HOUR_MS)).toEqual(["Contact-1-1"]);
    expect(memory.newest(fingerprint("contact 1"))).toBeNull();
  });

  it("begins to count anew with each item that comes after", () => {
    const memory = new SettledMemory();
    memory.note(fingerprint("contact 1"), 5n, "Contact-1-1", 0);
    memory.sessionCompleted(0);
    memory.note(fingerprint("contact 2"), 5n, "Contact-2-1", 1);
    memory.sessionCompleted(2 * HOUR_MS);
    expect(memory.forget(2.5 * HOUR_MS)).toEqual([]);
  });

  it.each([100, 5_000, 300_000])(
    "takes under 100 bytes a key, of %i",
    (keys) => {
      const memory = new SettledMemory();
      for (let id = 0; id < keys; id++)
        memory.note(
          fingerprint(`contact ${id}`),
          1n,
          `Contact-${1_000_000_000 + id}-12`,
          0,
        );
      expect(memory.bytes / Math.max(keys, 512)).toBeLessThan(100);
      for (const id of [0, keys >> 1, keys - 1])
        expect(memory.newest(fingerprint(`contact ${id}`))).toBe(1n);
    },
  );
});
