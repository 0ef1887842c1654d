// The slots of a group are shared evenly, and no more of them move than have to.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignSlots, type Claim } from "../../src/cluster/slot-assigner.ts";

function claimsOf(
  held: Readonly<Record<string, readonly number[]>>,
  slots = 8,
): Map<string, Claim> {
  return new Map(
    Object.entries(held).map(([instance, own]) => [
      instance,
      { instance, slots, held: own },
    ]),
  );
}

describe("the shares of a group", () => {
  it("are even, each slot in one place, whatever is claimed", () => {
    const anyHeld = fc.array(fc.nat(20), { maxLength: 20 });
    const anyGroup = fc.dictionary(fc.string({ minLength: 1 }), anyHeld, {
      minKeys: 1,
      maxKeys: 9,
    });
    fc.assert(
      fc.property(anyGroup, fc.integer({ min: 1, max: 16 }), (held, slots) => {
        const shares = [...assignSlots(claimsOf(held, slots)).values()];
        const all = shares.flat().sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: slots }, (_, slot) => slot));
        const sizes = shares.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("stay as they are when nobody comes or goes", () => {
    const first = assignSlots(claimsOf({ a: [], b: [], c: [] }));
    const again = assignSlots(claimsOf(Object.fromEntries(first)));
    expect(again).toEqual(first);
  });

  it("move no more than they have to", () => {
    const joined = assignSlots(
      claimsOf({ a: [0, 1, 2, 3], b: [4, 5, 6, 7], c: [] }),
    );
    expect(joined.get("a")).toEqual([0, 1, 2]);
    expect(joined.get("b")).toEqual([4, 5, 6]);
    expect(joined.get("c")).toEqual([3, 7]);
    const left = assignSlots(claimsOf({ a: [0, 1, 2], c: [3, 7] }));
    expect(left.get("a")).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(left.get("c")).toEqual(expect.arrayContaining([3, 7]));
  });

  it("leave out who counts more slots, until those who count fewer have gone", () => {
    const old = claimsOf({ a: [0, 1, 2, 3] }, 4);
    const both = new Map([...old, ...claimsOf({ b: [] }, 8)]);
    expect(assignSlots(both)).toEqual(
      new Map([
        ["a", [0, 1, 2, 3]],
        ["b", []],
      ]),
    );
    expect(assignSlots(claimsOf({ b: [] }, 8)).get("b")).toHaveLength(8);
  });
});
