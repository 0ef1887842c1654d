// Records that the connector did not write are named with what they are, and never with their contents.
import { describe, expect, it } from "vitest";
import { isoTime } from "../../../../src/cli/commands/explain/facts.ts";
import {
  ForeignCheck,
  foreignText,
} from "../../../../src/cli/commands/explain/foreign.ts";
import {
  ForeignCounter,
  foreignLines,
} from "../../../../src/cli/commands/explain/foreign-records.ts";
import type { Registry } from "../../../../src/format/schema-registry/registry.ts";
import { ValueReaders } from "../../../../src/format/schema-registry/value-readers.ts";
import type { StoredRecord } from "../../../../src/kafka/read/partition-reader.ts";

const own = { "sell.connector": "crm" };
const framed = (body: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, 42]), Buffer.from(body)]);

function record(
  value: string | Buffer | null,
  some: Partial<StoredRecord> = {},
): StoredRecord {
  return {
    ...{ topic: "sell.contact", partition: 0, offset: 1n, key: "k" },
    value: typeof value === "string" ? Buffer.from(value) : value,
    ...{ timestampMs: 1_000, headers: undefined, ...some },
  };
}

function check(registry: Registry | null = null): ForeignCheck {
  return new ForeignCheck("crm", new ValueReaders(registry));
}

describe("a foreign record", () => {
  it.each([
    ['{"secret":1}', undefined, "noHeaders", "a JSON object, 12 bytes"],
    ["[1]", undefined, "noHeaders", "a JSON array, 3 bytes"],
    ["17", undefined, "noHeaders", "a JSON value, 2 bytes"],
    ["hello", undefined, "noHeaders", "text, 5 bytes"],
    ["a\u0001b", undefined, "noHeaders", "binary, 3 bytes"],
    [Buffer.from([0xff, 0xfe]), {}, "noHeaders", "binary, 2 bytes"],
    [null, undefined, "noHeaders", "a tombstone"],
    ["", undefined, "noHeaders", "text, 0 bytes"],
    [framed("{}"), own, "unreadableValue", "behind schema id 42, 7 bytes"],
    ["{broken", own, "unreadableValue", "text, 7 bytes"],
    ["{}", { "sell.connector": "erp" }, "otherConnector", "a JSON object"],
  ] as const)("%j with headers %j is %s: %s", (value, headers, why, looks) => {
    const found = check().of(record(value, { headers }));
    expect(found?.why).toBe(why);
    expect(found?.value).toContain(looks);
    expect(foreignText(found ?? fail())).not.toContain("secret");
  });

  it("is none that the connector wrote, whatever a header without a value", () => {
    expect(check().of(record("{}", { headers: own }))).toBeNull();
    expect(check().of(record(null, { headers: own }))).toBeNull();
    const bare = { "sell.connector": null as unknown as string };
    expect(check().of(record("{}", { headers: bare }))?.why).toBe("noHeaders");
  });

  it("is none whose schema a registry that is away can't tell, which is asked once", async () => {
    let asked = 0;
    const registry = {
      byId: () => {
        asked++;
        return Promise.reject(new Error("away"));
      },
    } as unknown as Registry;
    const checking = check(registry);
    const { signal } = new AbortController();
    const one = record(framed("x"), { headers: own });
    for (let times = 0; times < 3; times++)
      await checking.prepare([one], signal);
    expect(checking.of(one)).toBeNull();
    expect(asked).toBe(1);
  });
});

describe("the foreign records of a topic", () => {
  it("are counted, and the newest ones shown in lines that a terminal does not obey", () => {
    const counter = new ForeignCounter();
    const checking = check();
    const take = (one: StoredRecord) => {
      counter.take(one, checking.of(one));
    };
    take(record("{}", { headers: own }));
    for (let n = 1; n <= 20; n++)
      take(
        record("{}", {
          ...{ partition: n % 2, offset: BigInt(n), timestampMs: n * 1_000 },
          key: `\u001b${"k".repeat(200)}`,
        }),
      );
    const result = counter.result(false);
    expect(result).toMatchObject({ read: 21, count: 20, isWhole: false });
    expect(result.examples.map(({ offset }) => offset)).toEqual([
      ...["20", "19", "18", "17", "16"],
    ]);
    const text = foreignLines(result).join("\n");
    expect(text).toContain("20 of the 21 newest records in sell.contact");
    expect(text).toContain("and 15 others");
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("k".repeat(101));
  });

  it("are no words at all when there are none", () => {
    expect(foreignLines(new ForeignCounter().result(true))).toEqual([]);
  });
});

describe("a record's time", () => {
  it.each([-1, NaN, Infinity, 9e18])("is missing for %d", (ms) => {
    expect(isoTime(ms)).toBeNull();
  });

  it("is ISO 8601", () => {
    expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
  });
});

function fail(): never {
  throw new Error("no foreign record");
}
