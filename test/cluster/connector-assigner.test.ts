// Each connector is in one place, evenly as far as instances see it, and no more move than have to.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Claim } from "../../src/cluster/claim.ts";
import { assignConnectors } from "../../src/cluster/connector-assigner.ts";

type Claims = ReadonlyMap<string, Claim>;
type Shares = ReadonlyMap<string, readonly number[]>;

const claim = (sees: Iterable<number>, held: Iterable<number> = []): Claim => ({
  instance: "any",
  connectors: new Set(sees),
  held: [...held],
});

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

/** What members claim that were assigned these shares, and see these connectors now. */
function holding(shares: Shares, sees: readonly number[]): Map<string, Claim> {
  return new Map([...shares].map(([id, held]) => [id, claim(sees, held)]));
}

function sizes(shares: Shares): number[] {
  return [...shares.values()].map(({ length }) => length);
}

function unevenness(shares: Shares): number {
  return Math.max(...sizes(shares)) - Math.min(...sizes(shares));
}

/** The connectors that a member has now and has not claimed to hold. */
function gained(claims: Claims, shares: Shares): Map<string, number[]> {
  return new Map(
    [...shares].map(([id, own]) => [
      id,
      own.filter((one) => claims.get(id)?.held.includes(one) !== true),
    ]),
  );
}

const anyId = fc.string({ minLength: 1, maxLength: 4 });

/** Members that see the same connectors; each is held by at most one. */
const anyGroup = fc
  .record({
    ids: fc.uniqueArray(anyId, { minLength: 1, maxLength: 9 }),
    holders: fc.array(fc.option(fc.nat(8)), { maxLength: 60 }),
  })
  .map(({ ids, holders }) => {
    const held = new Map(ids.map((id) => [id, new Array<number>()]));
    for (const [connector, at] of holders.entries())
      if (at !== null) held.get(ids[at % ids.length] ?? "")?.push(connector);
    return holding(held, upTo(holders.length));
  });

/** Members that see different connectors, and claim to hold what they like. */
const anyViews = fc.dictionary(
  anyId,
  fc
    .record({
      sees: fc.uniqueArray(fc.nat(24), { maxLength: 25 }),
      held: fc.array(fc.nat(24), { maxLength: 12 }),
    })
    .map(({ sees, held }) => claim(sees, held)),
  { minKeys: 1, maxKeys: 4 },
);

describe("the shares of a group", () => {
  it("have each connector in one place, which sees it", () => {
    fc.assert(
      fc.property(anyViews, (views) => {
        const claims = new Map(Object.entries(views));
        const shares = assignConnectors(claims);
        const seen = new Set(
          [...claims.values()].flatMap(({ connectors }) => [...connectors]),
        );
        const all = [...shares.values()].flat();
        expect(all).toHaveLength(seen.size);
        expect(new Set(all)).toEqual(seen);
        for (const [id, own] of shares)
          for (const one of own)
            expect(claims.get(id)?.connectors.has(one)).toBe(true);
      }),
    );
  });

  it("are even to within one, and move the fewest connectors", () => {
    fc.assert(
      fc.property(anyGroup, (claims) => {
        const shares = assignConnectors(claims);
        expect(unevenness(shares)).toBeLessThanOrEqual(1);
        // Those that hold most keep the larger shares.
        const held = [...claims.values()].map((one) => one.held.length);
        const descending = (a: number, b: number) => b - a;
        const targets = sizes(shares).sort(descending);
        const mustMove = held
          .sort(descending)
          .reduce((sum, n, at) => sum + Math.max(0, n - (targets[at] ?? 0)), 0);
        const moved = [...claims].flatMap(([id, one]) =>
          one.held.filter((c) => shares.get(id)?.includes(c) !== true),
        );
        expect(moved).toHaveLength(mustMove);
      }),
    );
  });

  it("are as even as what the members see allows", () => {
    fc.assert(
      fc.property(anyViews, (views) => {
        const claims = new Map(Object.entries(views));
        const ids = [...claims.keys()];
        const seen = new Set(
          [...claims.values()].flatMap(({ connectors }) => [...connectors]),
        );
        // The connectors that only some members see need room among these members.
        let least = 0;
        for (let some = 1; some < 2 ** ids.length; some++) {
          const isIn = (at: number) => ((some >> at) & 1) === 1;
          const only = [...seen].filter((one) =>
            ids.every(
              (id, at) => isIn(at) || !claims.get(id)?.connectors.has(one),
            ),
          );
          const members = ids.filter((_, at) => isIn(at)).length;
          least = Math.max(least, Math.ceil(only.length / members));
        }
        expect(Math.max(...sizes(assignConnectors(claims)))).toBe(least);
      }),
    );
  });

  it("do not depend on the order of the members, and stay when nothing changes", () => {
    fc.assert(
      fc.property(anyViews, (views) => {
        const claims = new Map(Object.entries(views));
        const shares = assignConnectors(claims);
        const reversed = new Map([...claims].reverse());
        expect(assignConnectors(reversed)).toEqual(shares);
        const again = new Map(
          [...claims].map(([id, { connectors }]) => [
            id,
            claim(connectors, shares.get(id)),
          ]),
        );
        expect(assignConnectors(again)).toEqual(shares);
      }),
    );
  });

  it("give an instance that joins its share, and move nothing else", () => {
    fc.assert(
      fc.property(anyGroup, anyId, (group, id) => {
        fc.pre(!group.has(id));
        const sees = [...([...group.values()][0]?.connectors ?? [])];
        const before = assignConnectors(group);
        const claims = holding(before, sees).set(id, claim(sees));
        const shares = assignConnectors(claims);
        expect(unevenness(shares)).toBeLessThanOrEqual(1);
        for (const [other, more] of gained(claims, shares))
          if (other !== id) expect(more).toEqual([]);
      }),
    );
  });

  it("move only the connectors of an instance that leaves", () => {
    fc.assert(
      fc.property(anyGroup, fc.nat(), (group, at) => {
        fc.pre(group.size > 1);
        const sees = [...([...group.values()][0]?.connectors ?? [])];
        const before = assignConnectors(group);
        const gone = [...before.keys()][at % before.size] ?? "";
        const claims = holding(before, sees);
        claims.delete(gone);
        const shares = assignConnectors(claims);
        expect(unevenness(shares)).toBeLessThanOrEqual(1);
        const moved = [...gained(claims, shares).values()].flat();
        expect(new Set(moved)).toEqual(new Set(before.get(gone)));
      }),
    );
  });

  it("keep what they have when files are added", () => {
    fc.assert(
      fc.property(anyGroup, fc.integer({ min: 1, max: 20 }), (group, added) => {
        const sees = [...([...group.values()][0]?.connectors ?? [])];
        const more = upTo(sees.length + added);
        const claims = holding(assignConnectors(group), more);
        const shares = assignConnectors(claims);
        expect(unevenness(shares)).toBeLessThanOrEqual(1);
        const moved = [...gained(claims, shares).values()].flat();
        expect(moved.sort((a, b) => a - b)).toEqual(more.slice(sees.length));
      }),
    );
  });

  it("stay even when files are removed, and move one connector for each uneven place", () => {
    const six = new Map([
      ["a", [0, 1, 2]],
      ["b", [3, 4, 5]],
    ]);
    expect(assignConnectors(holding(six, [0, 1, 2, 3, 4]))).toEqual(
      new Map([
        ["a", [0, 1, 2]],
        ["b", [3, 4]],
      ]),
    );
    expect(assignConnectors(holding(six, [0, 1, 2]))).toEqual(
      new Map([
        ["a", [0, 1]],
        ["b", [2]],
      ]),
    );
  });

  it("are even for ten thousand connectors that one of ten instances held", () => {
    const sees = upTo(10_000);
    const claims = new Map(
      upTo(10).map((n) => [String(n), claim(sees, n === 0 ? sees : [])]),
    );
    expect(new Set(sizes(assignConnectors(claims)))).toEqual(new Set([1_000]));
  });
});
