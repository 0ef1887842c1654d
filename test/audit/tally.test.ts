// The digests of a report are as docs/audit.md describes them: two reports that hold the same records,
// whatever their revisions and the order of their arrival, have the same digest.
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { addressOf } from "../../src/audit/addresses.ts";
import { contentInKafka, contentInSell } from "../../src/audit/content.ts";
import { Ledger } from "../../src/audit/ledger.ts";
import { tally } from "../../src/audit/tally.ts";
import { ValueReaders } from "../../src/format/schema-registry/value-readers.ts";
import { Router } from "../../src/publish/topics/router.ts";
import { decodeKeptItem } from "../../src/sell/item.ts";
import { blocksOf } from "../support/documents/markdown.ts";
import { item } from "../support/sell/scripted-sell.ts";

const readers = new ValueReaders(null);

function routerOf(pattern: string): Router {
  return new Router({ connectorName: "crm", pattern, reserved: [] });
}

interface Sent {
  readonly type?: string;
  readonly id: number | string;
  readonly revision?: number;
  readonly eventType?: string;
  readonly data?: string;
}

/** Notes items as Sell's, and the same ones as Kafka's in a topic by the pattern. */
function tallyOf(
  items: readonly Sent[],
  pattern = "sell.{type}",
  inKafka = items,
) {
  const router = routerOf(pattern);
  using ledger = new Ledger(tmpdir());
  const decoded = (one: Sent) =>
    decodeKeptItem(Buffer.from(item(one)), { session: "s", takenAtMs: 0 });
  ledger.noteKafka(
    inKafka.map((one) => {
      const change = decoded(one);
      if (change.kind !== "change") throw new Error("not a change");
      const value = change.op === "d" ? null : change.data;
      return {
        ...addressOf(change, router),
        content: contentInKafka(value, readers),
        ...{ partition: 0, offset: 0n, revision: "77", otherConnector: null },
      };
    }),
  );
  const seen = items.map(decoded).map((one) => ({
    ...addressOf(one, router),
    content: contentInSell(one, 0, readers),
    revision: one.kind === "change" ? String(one.revision) : null,
    isDeadLettered: false,
  }));
  ledger.noteSell(seen, 1);
  ledger.settle(1, true);
  return tally(ledger, router);
}

/** The function of docs/audit.md. */
async function documentedDigest(): Promise<
  (texts: ReadonlyMap<string, string>) => string
> {
  const block = blocksOf("docs/audit.md").find(
    ({ language }) => language === "js",
  );
  const code = Buffer.from(block?.text ?? "").toString("base64");
  const module = (await import(`data:text/javascript;base64,${code}`)) as {
    digestOf: (texts: ReadonlyMap<string, string>) => string;
  };
  return module.digestOf;
}

const two: readonly Sent[] = [
  { id: 7, data: '{"name":"Ada", "id":7, "score":1.50}' },
  { id: 10, data: '{"id":10,"name":"\\u0042ob"}' },
];

describe("the digest of a type", () => {
  it("has this value for these records, by the documented function too", async () => {
    const golden =
      "8928e84f2948e66db246fd3d558764365aadb4e9d875f65c1f99a2afabdd18c0";
    const { types } = tallyOf(two);
    expect(types["contact"]?.digest).toEqual({ sell: golden, kafka: golden });
    const digestOf = await documentedDigest();
    const texts = new Map([
      ["7", '{"id":7,"name":"Ada","score":1.50}'],
      ["10", '{"id":10,"name":"Bob"}'],
    ]);
    expect(digestOf(texts)).toBe(golden);
  });

  it("is that of no bytes for a type without a live record", async () => {
    const { types } = tallyOf([{ id: 7, eventType: "deleted" }]);
    const empty = (await documentedDigest())(new Map());
    expect(types["contact"]?.digest).toEqual({ sell: empty, kafka: empty });
  });

  it("depends on neither order nor revision nor topic", () => {
    const others = two.toReversed().map((one) => ({ ...one, revision: 9 }));
    const before = tallyOf(two).types["contact"]?.digest;
    expect(tallyOf(others).types["contact"]?.digest).toEqual(before);
    const inOneTopic = tallyOf([...two, { id: 1, type: "deal" }], "crm.all");
    expect(inOneTopic.types["contact"]?.digest).toEqual(before);
    expect(Object.keys(inOneTopic.types)).toEqual(["contact", "deal"]);
  });

  it.each([
    ["a digit", [two[0], { id: 10, data: '{"id":10,"name":"Bob","n":1.0}' }]],
    ["an id", [two[0], { id: 11, data: '{"id":11,"name":"Bob"}' }]],
    ["a record", [two[0]]],
    ["a deletion", [two[0], { ...two[1], eventType: "deleted" }]],
  ] as const)("tells the sides apart by %s", (_, inKafka) => {
    const { types } = tallyOf(two, "sell.{type}", inKafka as readonly Sent[]);
    const { sell, kafka } = types["contact"]?.digest ?? {};
    expect(sell).toBe(tallyOf(two).types["contact"]?.digest.sell);
    expect(kafka).not.toBe(sell);
  });

  it("can't be forged by an id that looks like two lines", () => {
    const lines = two.map(({ id, data }) => ({ id: String(id), data }));
    const joined = tallyOf([{ id: '10","x"]\n["7', data: "{}" }]);
    expect(joined.types["contact"]?.digest.sell).not.toBe(
      tallyOf(lines as readonly Sent[]).types["contact"]?.digest.sell,
    );
  });
});

describe("the counts of a report", () => {
  it("count records of other programs in a topic of all types as one type", () => {
    const router = routerOf("crm.all");
    using ledger = new Ledger(tmpdir());
    ledger.noteKafka(
      ["x", "y"].map((key) => ({
        ...{ topic: "crm.all", key, partition: 0, offset: 1n },
        ...{ revision: null, otherConnector: null },
        content: contentInKafka(Buffer.from("{}"), readers),
      })),
    );
    for (const round of [1, 2]) ledger.settle(round, true);
    const { totals, types } = tally(ledger, router);
    expect(totals).toMatchObject({ gone: 2, inKafka: 2, inSell: 0 });
    expect(types).toMatchObject({ "-": { gone: 2 } });
  });
});
