// What was settled is remembered by item, and no longer known once its record was deleted or came back.
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../../src/lib/fingerprints.ts";
import {
  SettledMemory,
  type SettledItem,
} from "../../../src/publish/exactly-once/settled-memory.ts";

const HOUR_MS = 3_600_000;

function itemOf(
  name: string,
  record: string | null = name.replace(/-\d+$/, ""),
  isDelete = false,
  revision: SettledItem["revision"] = null,
): SettledItem {
  return {
    print: fingerprint(name),
    record: record === null ? null : fingerprint(record),
    isDelete,
    revision,
  };
}

const first = itemOf("contact-1-1");
const second = itemOf("contact-1-2");
const gone = itemOf("contact-1-3", "contact-1", true);

describe("the memory of what was settled", () => {
  it("knows every item of a record, not only its newest", () => {
    const memory = new SettledMemory();
    expect(memory.knows(first)).toBe(false);
    memory.note(first, 1, "contact-1-1", 0);
    memory.note(second, 2, "contact-1-2", 0);
    expect(memory.knows(first)).toBe(true);
    expect(memory.knows(second)).toBe(true);
    expect(memory.knows(itemOf("contact-2-1"))).toBe(false);
  });

  it("takes an item for new once a delete of its record came behind it, and the other way round", () => {
    const memory = new SettledMemory();
    memory.note(first, 1, "contact-1-1", 0);
    memory.note(gone, 2, "contact-1-3", 0);
    expect(memory.knows(first)).toBe(false);
    expect(memory.knows(gone)).toBe(true);
    memory.note(first, 3, "contact-1-1", 0);
    expect(memory.knows(first)).toBe(true);
    expect(memory.knows(gone)).toBe(false);
    memory.note(gone, 4, "contact-1-3", 0);
    expect(memory.knows(gone)).toBe(true);
  });

  it("takes an item for an old one when the opposite kind that came behind it is of a higher revision", () => {
    const [old, later] = [1, 2].map((revision) => ({
      upsert: itemOf(`contact-1-${revision}`, "contact-1", false, revision),
      remove: itemOf(`gone-1-${revision}`, "contact-1", true, revision),
    }));
    if (old === undefined || later === undefined) throw new Error("no items");
    for (const [first, second] of [
      [old.upsert, later.remove],
      [old.remove, later.upsert],
    ] as const) {
      const memory = new SettledMemory();
      memory.note(first, 1, "one", 0);
      memory.note(second, 2, "other", 0);
      expect(memory.knows(first)).toBe(true);
      expect(memory.knows(second)).toBe(true);
    }
    const memory = new SettledMemory();
    memory.note(later.upsert, 1, "one", 0);
    memory.note(old.remove, 2, "other", 0);
    expect(memory.knows(later.upsert)).toBe(false);
  });

  it("keeps a key that was settled again with other data", () => {
    const memory = new SettledMemory();
    memory.note(first, 1, "contact-1-1", 0);
    memory.sessionCompleted(0);
    memory.sessionCompleted(1);
    memory.note(second, 2, "contact-1-1", 2 * HOUR_MS);
    expect(memory.forget(2 * HOUR_MS)).toEqual([]);
    expect(memory.knows(second)).toBe(true);
    expect(memory.knows(first)).toBe(false);
  });

  it("lets an item that was not published change nothing for its record", () => {
    const memory = new SettledMemory();
    memory.note(first, 1, "contact-1-1", 0);
    memory.note({ ...gone, record: null }, 2, "contact-1-3", 0);
    expect(memory.knows(first)).toBe(true);
    expect(memory.knows(gone)).toBe(true);
  });

  it("forgets nothing before an hour and a complete session have passed", () => {
    const memory = new SettledMemory();
    memory.note(first, 1, "contact-1-1", 0);
    expect(memory.forget(9 * HOUR_MS)).toEqual([]);
    memory.sessionCompleted(9 * HOUR_MS);
    expect(memory.forget(11 * HOUR_MS)).toEqual([]);
    memory.sessionCompleted(9 * HOUR_MS + 1);
    expect(memory.forget(10 * HOUR_MS - 1)).toEqual([]);
    expect(memory.knows(first)).toBe(true);
    expect(memory.forget(10 * HOUR_MS)).toEqual(["contact-1-1"]);
    expect(memory.knows(first)).toBe(false);
  });

  it("begins to count anew with each item that comes after", () => {
    const memory = new SettledMemory();
    memory.note(first, 1, "contact-1-1", 0);
    memory.sessionCompleted(0);
    memory.note(second, 2, "contact-1-2", 1);
    memory.sessionCompleted(2 * HOUR_MS);
    expect(memory.forget(2.5 * HOUR_MS)).toEqual([]);
  });

  it("knows deletes across the generations in which it keeps them", () => {
    const memory = new SettledMemory();
    memory.note(gone, 1, "contact-1-3", 0);
    for (let id = 0; id < 2_000; id++)
      memory.note(itemOf(`deal-${id}-1`), 2 + id, `deal-${id}-1`, 0);
    memory.note(first, 3_000, "contact-1-1", 0);
    expect(memory.knows(first)).toBe(true);
    expect(memory.knows(gone)).toBe(false);
  });

  it.each([100, 5_000, 300_000])(
    "takes under 100 bytes a key, of %i",
    (keys) => {
      const memory = new SettledMemory();
      const nameOf = (id: number) => `Contact-${1_000_000_000 + id}-12`;
      for (let id = 0; id < keys; id++)
        memory.note(itemOf(nameOf(id)), id, nameOf(id), 0);
      expect(memory.bytes / Math.max(keys, 512)).toBeLessThan(100);
      for (const id of [0, keys >> 1, keys - 1])
        expect(memory.knows(itemOf(nameOf(id)))).toBe(true);
    },
  );
});
