// Many readers of a partition share each fetch; each gets its own records, all of them, in order.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Follower } from "../../../src/kafka/read/follower.ts";
import { PartitionFeed } from "../../../src/kafka/read/partition-feed.ts";
import {
  LostRecords,
  type StoredRecord,
} from "../../../src/kafka/read/fetch-committed.ts";

const { signal } = new AbortController();
const PER_FETCH = 4;

/** A partition in memory, whose keys begin with their owner. */
function partitionOf(...owners: readonly string[]) {
  const records: StoredRecord[] = [];
  const state = { fetches: [] as bigint[], start: 0n, stableEnd: Infinity };
  const append = (...more: readonly string[]) => {
    for (const owner of more)
      records.push({
        topic: "t",
        partition: 0,
        offset: BigInt(records.length),
        key: `${owner}/${records.length}`,
        value: Buffer.from(owner),
        timestampMs: 0,
        headers: undefined,
      });
  };
  append(...owners);
  const feed = new PartitionFeed(
    {
      topic: "t",
      partition: 0,
      loadOffset: async (which) => {
        await Promise.resolve();
        return which === "latest" ? BigInt(records.length) : state.start;
      },
      fetch: async (from, to) => {
        await new Promise((resolve) => setImmediate(resolve));
        state.fetches.push(from);
        if (from < state.start)
          throw Object.assign(new Error("gone"), {
            type: "OFFSET_OUT_OF_RANGE",
          });
        const end = Math.min(Number(from) + PER_FETCH, state.stableEnd);
        const next = BigInt(Math.min(end, Number(to)));
        return {
          records: records
            .slice(Number(from), Number(next))
            .map((record) => ({ ...record, stored: () => record })),
          next: next > from ? next : from,
        };
      },
    },
    (key) => key.split("/")[0] ?? "",
  );
  /** Reads on; returns the offsets of the owner's records that it got. */
  const read = async (follower: Follower, from: bigint) => {
    const got: number[] = [];
    const end = await feed.read(
      follower,
      from,
      (own) => {
        got.push(...own.map(({ offset }) => Number(offset)));
      },
      signal,
    );
    return { got, end };
  };
  return { feed, append, read, state, records };
}

describe("the feed of a partition", () => {
  it("reads once for all who begin together, and drops what is nobody's", async () => {
    const owners = ["a", "b", "x", "x", "a", "x", "b", "x", "x", "a"];
    const { read, state } = partitionOf(...owners);
    const results = await Promise.all(
      ["a", "b", "c"].map((owner) => read(new Follower(owner), 0n)),
    );
    expect(results).toEqual([
      { got: [0, 4, 9], end: 10n },
      { got: [1, 6], end: 10n },
      { got: [], end: 10n },
    ]);
    expect(state.fetches).toEqual([0n, 4n, 8n]);
  });

  it("hands a follower what others read meanwhile, without a fetch", async () => {
    const { read, append, state } = partitionOf("a", "b");
    const [a, b] = [new Follower("a"), new Follower("b")];
    await Promise.all([read(a, 0n), read(b, 0n)]);
    append("b", "a", "b");
    await read(b, 2n);
    state.fetches.length = 0;
    expect(await read(a, 2n)).toEqual({ got: [3], end: 5n });
    expect(state.fetches).toEqual([]);
  });

  it("begins early enough for those who follow, when its reader skips its own records", async () => {
    const { read, append, state } = partitionOf();
    const [a, b] = [new Follower("a"), new Follower("b")];
    await Promise.all([read(a, 0n), read(b, 0n)]);
    append("a", "b", "b");
    expect(await read(b, 3n)).toEqual({ got: [], end: 3n });
    append("b");
    expect(await read(b, 3n)).toEqual({ got: [3], end: 4n });
    state.fetches.length = 0;
    expect(await read(a, 0n)).toEqual({ got: [0], end: 4n });
    expect(state.fetches).toEqual([]);
  });

  it("leaves a follower behind that would hold too much, which then reads by itself", async () => {
    const { read, append } = partitionOf("b");
    const [a, b] = [new Follower("a"), new Follower("b")];
    await Promise.all([read(a, 0n), read(b, 0n)]);
    append(...Array.from({ length: 1_100 }, () => "a"));
    await read(b, 1n);
    expect(a.position).toBeNull();
    const { got, end } = await read(a, 1n);
    expect(got).toHaveLength(1_100);
    expect(end).toBe(1_101n);
  });

  it("keeps nobody waiting behind a long history, or behind an open transaction", async () => {
    const { read, append, state } = partitionOf(
      ...Array.from({ length: 400 }, () => "x"),
    );
    const live = new Follower("live");
    await read(live, 400n);
    append("live");
    const order: string[] = [];
    const done = (name: string) => () => order.push(name);
    await Promise.all([
      read(new Follower("new"), 0n).then(done("history")),
      read(live, 400n).then(done("live")),
    ]);
    expect(order).toEqual(["live", "history"]);

    append("live");
    state.stableEnd = 401;
    const blocked = read(live, 401n).then(done("blocked"));
    const old = read(new Follower("x"), 0n).then(done("old"));
    const { fetches } = state;
    fetches.length = 0;
    await expect.poll(() => fetches.includes(396n)).toBe(true);
    state.stableEnd = Infinity;
    await Promise.all([blocked, old]);
  });

  it("takes a partition for one that lost records when it ends before what was read", async () => {
    const { read, records } = partitionOf("a", "a", "a");
    const a = new Follower("a");
    await read(a, 0n);
    records.length = 1;
    await expect(read(a, 3n)).rejects.toThrow(LostRecords);
    expect(a.position).toBeNull();
  });

  it("begins at the first record that is left", async () => {
    const { read, state } = partitionOf("a", "a", "a", "a", "a", "a");
    state.start = 5n;
    expect(await read(new Follower("a"), 0n)).toEqual({ got: [5], end: 6n });
  });

  it("fails all who wait, and serves them when they ask again", async () => {
    const { read, records, feed } = partitionOf("a", "b");
    const [a, b] = [new Follower("a"), new Follower("b")];
    const broken = records.splice(0, 2);
    records.push(...broken);
    const refusal = Object.assign(new Error("away"), { type: "NETWORK" });
    const failing = new PartitionFeed(
      {
        topic: "t",
        partition: 0,
        loadOffset: () => Promise.reject(refusal),
        fetch: () => Promise.reject(refusal),
      },
      (key) => key,
    );
    const take = () => undefined;
    const both = await Promise.allSettled(
      [a, b].map((one) => failing.read(one, 0n, take, signal)),
    );
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await read(a, 0n)).toEqual({ got: [0], end: 2n });
    feed.leave(a);
  });

  it("gives every follower each of its records once, however they read", async () => {
    const step = fc.record({
      owners: fc.array(fc.constantFrom("a", "b", "x"), { maxLength: 9 }),
      who: fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const { read, append, records } = partitionOf();
        const known = new Map(
          ["a", "b"].map((owner) => [
            owner,
            {
              follower: new Follower(owner),
              position: 0n,
              got: [] as number[],
            },
          ]),
        );
        const readAs = async (owner: string) => {
          const one = known.get(owner);
          if (one === undefined) return;
          const { got, end } = await read(one.follower, one.position);
          one.position = end;
          one.got.push(...got);
        };
        for (const { owners, who } of steps) {
          append(...owners);
          await Promise.all([...new Set(who)].map(readAs));
        }
        await Promise.all(["a", "b"].map(readAs));
        for (const [owner, { got }] of known)
          expect(got).toEqual(
            records
              .filter(({ key }) => key.startsWith(owner))
              .map(({ offset }) => Number(offset)),
          );
      }),
      { numRuns: 60 },
    );
  });
});
