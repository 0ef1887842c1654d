// The memory of revisions recalls the highest revision of each record within a bounded size.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../src/lib/fingerprints.ts";
import { RevisionMemory } from "../../src/publish/revision-memory.ts";

describe("the revision memory", () => {
  it("recalls the highest revision and its session", () => {
    const memory = new RevisionMemory(64);
    memory.note(fingerprint("a"), 3, 1);
    memory.note(fingerprint("a"), 2, 2);
    expect(memory.recall(fingerprint("a"))).toEqual({
      revision: 3,
      session: 1,
    });
    memory.note(fingerprint("a"), 3, 2);
    expect(memory.recall(fingerprint("a"))).toEqual({
      revision: 3,
      session: 2,
    });
    expect(memory.recall(fingerprint("b"))).toBeNull();
  });

  it("remembers at least the last seven eighths of its size, and at most twice as many", () => {
    const memory = new RevisionMemory(64);
    for (let n = 0; n < 1_000; n++) {
      memory.note(fingerprint(String(n)), n, 1);
      for (let back = 0; back < Math.min(n, 56); back++)
        expect(memory.recall(fingerprint(String(n - back)))?.revision).toBe(
          n - back,
        );
      expect(memory.recall(fingerprint(String(n - 112)))).toBeNull();
    }
    expect(memory.recall(fingerprint("0"))).toBeNull();
  });

  it("takes no more than it needs, and forgets nothing while it grows", () => {
    const memory = new RevisionMemory(1 << 13);
    expect(memory.bytes).toBeLessThan(32_000);
    for (let n = 0; n < 7_168; n++)
      memory.note(fingerprint(String(n)), n, n % 7);
    let known = 0;
    for (let n = 0; n < 7_168; n++) {
      const { revision, session } = memory.recall(fingerprint(String(n))) ?? {};
      if (revision === n && session === n % 7) known++;
    }
    expect(known).toBe(7_168);
    for (let n = 0; n < 20_000; n++)
      memory.note(fingerprint(`more ${n}`), n, 1);
    expect(memory.bytes).toBeLessThan(2 * 32 * 7_168 + 1);
  });

  it("never takes a revision beyond 2^53 for a higher one than it is", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), (revision) => {
        const memory = new RevisionMemory(8);
        memory.note(fingerprint("a"), revision, 1);
        const { revision: known } = memory.recall(fingerprint("a")) ?? {
          revision: NaN,
        };
        expect(known <= revision).toBe(true);
        expect(known > revision - 2_048n).toBe(true);
      }),
    );
  });
});
