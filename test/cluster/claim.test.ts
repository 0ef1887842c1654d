// What other members say is read within its shape, or not at all.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  connectorNumber,
  encodeClaim,
  encodeShares,
  readClaim,
  readShares,
} from "../../src/cluster/claim.ts";
import { lead } from "../../src/cluster/group-leader.ts";

const anyNumber = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyNumbers = fc.uniqueArray(anyNumber, { maxLength: 40 });
const ascending = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b);

const claimBytes = (overrides: object) =>
  Buffer.from(
    JSON.stringify({
      ...(JSON.parse(
        encodeClaim({
          instance: "here",
          connectors: new Set([1, 2]),
          held: [2],
        }).toString(),
      ) as object),
      ...overrides,
    }),
  );

describe("a claim", () => {
  it("is read as it was made", () => {
    fc.assert(
      fc.property(anyNumbers, anyNumbers, (connectors, held) => {
        const claim = {
          instance: "h-1",
          connectors: new Set(connectors),
          held,
        };
        expect(readClaim(encodeClaim(claim))).toEqual({
          ...claim,
          held: ascending(held),
        });
      }),
    );
  });

  it("names its instance in printable characters", () => {
    const claim = { connectors: new Set<number>(), held: [] };
    const read = (instance: string) =>
      readClaim(encodeClaim({ ...claim, instance }))?.instance;
    expect(read("höst\u001b[31m")).toBe("h?st?[31m");
    expect(read("x".repeat(300))).toBe("x".repeat(255));
  });

  it.each([
    ["no JSON", Buffer.from("{")],
    ["nothing", Buffer.alloc(0)],
    ["null", Buffer.from("null")],
    ["a name that a terminal obeys", claimBytes({ instance: "\u001b[2J" })],
    ["a name without end", claimBytes({ instance: "x".repeat(256) })],
    ["no name", claimBytes({ instance: "" })],
    ["numbers of another kind", claimBytes({ connectors: [1, 2] })],
    ["a number twice", claimBytes({ connectors: "AAAAAQAAAAE=" })],
    ["no held connectors", claimBytes({ held: undefined })],
  ])("is not read from %s", (_, bytes) => {
    expect(readClaim(bytes)).toBeNull();
  });

  it("is nothing that any bytes could break", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.json(), (bytes, json) => {
        expect(readClaim(Buffer.from(bytes))).toBeNull();
        expect(readClaim(Buffer.from(json))).toBeNull();
        expect(readShares(Buffer.from(bytes))).toBeNull();
        expect(readShares(Buffer.from(json))).toBeNull();
      }),
    );
  });
});

describe("the shares", () => {
  it("are read as they were made", () => {
    fc.assert(
      fc.property(anyNumbers, fc.nat(40), (numbers, cut) => {
        const shares = [numbers.slice(0, cut), numbers.slice(cut)].map(
          (own, n) => ({
            memberId: `m${n}`,
            instance: "any",
            connectors: ascending(own),
          }),
        );
        expect(readShares(encodeShares(shares))).toEqual(shares);
      }),
    );
  });

  it("never have a connector twice", () => {
    const share = { instance: "any", connectors: [7] };
    const both = ["m1", "m2"].map((memberId) => ({ ...share, memberId }));
    expect(readShares(encodeShares(both))).toBeNull();
  });
});

describe("the leader of a group", () => {
  const claim = encodeClaim({
    instance: "here",
    connectors: new Set([1, 2, 3]),
    held: [],
  });

  it("tells all members the same, and gives nothing to one whose claim can't be read", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (garbage) => {
        const told = lead(
          new Map([
            ["m1", claim],
            ["m2", Buffer.from(garbage)],
            ["m3", claim],
          ]),
        );
        expect([...told.keys()]).toEqual(["m1", "m2", "m3"]);
        expect(new Set(told.values()).size).toBe(1);
        expect(readShares(told.get("m2") ?? Buffer.alloc(0))).toEqual([
          { memberId: "m1", instance: "here", connectors: [1, 3] },
          { memberId: "m3", instance: "here", connectors: [2] },
        ]);
      }),
    );
  });

  it("refuses a group that Kafka could not keep", () => {
    const groupOf = (instances: number, connectors: number) => {
      const numbers = Array.from({ length: connectors }, (_, n) =>
        connectorNumber(`c${n}`),
      );
      const metadata = encodeClaim({
        instance: "sell-kafka-5d8f6c9b7d-x2x4q-0a1b2c",
        connectors: new Set(numbers),
        held: [],
      });
      const ids = Array.from(
        { length: instances },
        (_, n) => `sell-kafka-${String(n).padStart(36, "0")}`,
      );
      return new Map(ids.map((id) => [id, metadata]));
    };
    const bytesOf = (group: ReadonlyMap<string, Buffer>) =>
      [...group.values(), ...lead(group).values()].reduce(
        (sum, { length }) => sum + length,
        0,
      );
    expect(bytesOf(groupOf(10, 1_000))).toBeLessThan(130_000);
    expect(bytesOf(groupOf(50, 1_000))).toBeLessThan(900_000);
    expect(bytesOf(groupOf(10, 8_000))).toBeLessThan(900_000);
    expect(() => lead(groupOf(60, 1_000))).toThrow(
      /60 instances with so many connectors are more than Kafka keeps/,
    );
  });
});
