// A page is decoded byte for byte, whatever its items are.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnavailableFault } from "../../src/domain/faults.ts";
import { decodePage, decodeSession } from "../../src/sell/wire.ts";

const TAKEN_MS = 1_795_428_000_123;

function decode(text: string | Buffer) {
  return decodePage(Buffer.from(text as string), "s-1", TAKEN_MS);
}

function one(itemText: string | Buffer) {
  const body = Buffer.concat([
    Buffer.from('{"items":['),
    Buffer.from(itemText as string),
    Buffer.from("]}"),
  ]);
  const [item] = decodePage(body, "s-1", TAKEN_MS).items;
  if (item === undefined) throw new Error("no item");
  return item;
}

const meta =
  '"meta":{"type":"contact","sync":{"event_type":"created","ack_key":"Contact-7-3","revision":3}}';

describe("a page", () => {
  it("gives each item's data and the item itself byte for byte", () => {
    const data = `{ "id" : 7, "pi": 3.10,  "big":12345678901234567890, "name":"Zo\\u00eb \u{1F600}" }`;
    const item = `{"data":${data},${meta}}`;
    const decoded = one(item);
    expect(decoded).toMatchObject({
      kind: "change",
      type: "contact",
      id: "7",
      recordKey: "7",
      ackKey: "Contact-7-3",
      eventType: "created",
      op: "c",
      revision: 3,
      session: "s-1",
      takenAtMs: TAKEN_MS,
    });
    expect(decoded.kind === "change" && decoded.data.toString()).toBe(data);
    expect(decoded.item.toString()).toBe(item);
  });

  it("tells the hints of its meta", () => {
    const page = decode(
      '{"items":[],"meta":{"type":"collection","count":0,"count_left":12,"failed_objects":[{"type":"deal","id":1},null]}}',
    );
    expect(page).toMatchObject({
      items: [],
      countLeft: 12,
      failedObjects: [
        { type: "deal", id: "1" },
        { type: "unknown", id: "-" },
      ],
    });
  });

  it.each([
    ["HTML", "<html></html>"],
    ["nothing", ""],
    ["a cut page", '{"items":[{"data":{"id":1'],
    ["JSON of another shape", '{"errors":[]}'],
    ["items that are no array", '{"items":{}}'],
    ["null", "null"],
  ])("is worth another try when Sell answers with %s", (_, body) => {
    expect(() => decode(body)).toThrow(UnavailableFault);
  });
});

describe("an id", () => {
  it.each([
    ["12345678901234567890", "12345678901234567890"],
    ["1.0", "1.0"],
    ['"abc"', "abc"],
    ['{"a": 1}', '{"a": 1}'],
    ["true", "true"],
  ])("%s has the key %s", (id, key) => {
    expect(one(`{"data":{"x":{"id":5},"id": ${id} },${meta}}`)).toMatchObject({
      id: key,
      recordKey: key,
    });
  });

  it.each(["null", undefined])(
    "of %s leaves the ack key without its revision",
    (id) => {
      const data = id === undefined ? "{}" : `{"id":${id}}`;
      expect(one(`{"data":${data},${meta}}`)).toMatchObject({
        id: null,
        recordKey: "Contact-7",
      });
    },
  );

  it("that is missing leaves an ack key whole that does not end in the revision", () => {
    const item = `{"data":{},"meta":{"type":"a","sync":{"ack_key":"A-17","revision":3}}}`;
    expect(one(item)).toMatchObject({ recordKey: "A-17" });
  });
});

describe("a revision", () => {
  it.each([
    ["3", 3],
    ["9007199254740993", 9007199254740993n],
    ['"3"', null],
    ["1.5", null],
    ["null", null],
  ])("%s is %s", (text, revision) => {
    const item = `{"data":{"id":1},"meta":{"type":"a","sync":{"revision":${text}}}}`;
    expect(one(item).revision).toBe(revision);
  });
});

describe("an event type", () => {
  it.each([
    ['"created"', "c", "created"],
    ['"updated"', "u", "updated"],
    ['"deleted"', "d", "deleted"],
    ['"merged"', "u", "merged"],
    ["null", "u", null],
    ["7", "u", "7"],
  ])("%s is op %s", (text, op, eventType) => {
    const item = `{"data":{"id":1},"meta":{"type":"a","sync":{"event_type":${text}}}}`;
    expect(one(item)).toMatchObject({ op, eventType });
  });
});

describe("a record's time", () => {
  it.each([
    ['"updated_at":"2026-11-23T10:00:00Z"', Date.UTC(2026, 10, 23, 10)],
    [
      '"updated_at":"2026-11-23T10:00:00.250+01:00"',
      Date.UTC(2026, 10, 23, 9, 0, 0, 250),
    ],
    ['"updated_at":"2026-11-23T10:00:00"', Date.UTC(2026, 10, 23, 10)],
    ['"updated_at":"2026-02-30T10:00:00Z"', null],
    ['"updated_at":"2028-02-29T10:00:00Z"', Date.UTC(2028, 1, 29, 10)],
    [
      '"updated_at":"soon","created_at":"2026-11-23T10:00:00Z"',
      Date.UTC(2026, 10, 23, 10),
    ],
    ['"updated_at":7', null],
    ['"name":"x"', null],
  ])("of %s is %s", (member, time) => {
    expect(one(`{"data":{"id":1,${member}},${meta}}`)).toMatchObject({
      sourceTimeMs: time,
    });
  });
});

describe("an item that is no change", () => {
  it.each([
    ["null", /not a JSON object/],
    ["5", /not a JSON object/],
    ['{"data":{"id":1}}', /no "meta"/],
    ['{"data":{"id":1},"meta":{"sync":{}}}', /no "type"/],
    ['{"data":{"id":1},"meta":{"type":7}}', /no "type"/],
    [`{${meta}}`, /no "data"/],
    [`{"data":[1],${meta}}`, /no "data"/],
    ['{"data":{},"meta":{"type":"a"}}', /neither an id nor/],
  ])("%s is kept, with its reason", (text, problem) => {
    const item = one(text);
    expect(item).toMatchObject({
      kind: "malformed",
      problem: expect.stringMatching(problem) as string,
    });
    expect(item.item.toString()).toBe(text);
  });

  it("keeps the ack key that it has, so that it can be acknowledged", () => {
    expect(one('{"meta":{"sync":{"ack_key":"X-1-1"}}}').ackKey).toBe("X-1-1");
  });

  it("with bytes that are no UTF-8 is malformed alone, and its bytes are kept", () => {
    const bad = Buffer.concat([
      Buffer.from('{"data":{"id":1,"name":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from(`"},${meta}}`),
    ]);
    const good = Buffer.from(`,{"data":{"id":2},${meta}}`);
    const body = Buffer.concat([
      Buffer.from('{"items":['),
      bad,
      good,
      Buffer.from("]}"),
    ]);
    const { items } = decodePage(body, "s", TAKEN_MS);
    expect(items.map(({ kind }) => kind)).toEqual(["malformed", "change"]);
    expect(items[0]?.item.equals(bad)).toBe(true);
  });
});

it("decodes any JSON without a crash, and never drops an item", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (values) => {
      const { items } = decode(JSON.stringify({ items: values }));
      expect(items.map(({ item }) => item.toString())).toEqual(
        values.map((value) => JSON.stringify(value)),
      );
    }),
  );
});

it("takes any bytes for a page, or for no page: never anything worse", () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.string().map((text) => Buffer.from(`{"items":[${text}]}`)),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(bytes, (body) => {
      try {
        decodePage(Buffer.from(body), "s", TAKEN_MS);
      } catch (error) {
        expect(error).toBeInstanceOf(UnavailableFault);
      }
    }),
    { numRuns: 1_000 },
  );
});

it("is not overwhelmed by how deep an item goes", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const item = `{"data":{"id":${deep},"x":${deep}},"meta":{"type":"a","sync":{"event_type":${deep},"ack_key":"k"}}}`;
  const { items } = decode(`{"items":[${item}]}`);
  expect(items.map(({ item: text }) => text.length)).toEqual([item.length]);
});

describe("a session", () => {
  it("is read with its estimates", () => {
    const body = `{"data":{"id":"29f2","queues":[{"data":{"name":"main","pages":1,"total_count":2}}]}}`;
    expect(decodeSession(Buffer.from(body))).toEqual({
      id: "29f2",
      pages: 1,
      totalCount: 2,
    });
  });

  it("needs only an id", () => {
    expect(decodeSession(Buffer.from('{"data":{"id":7}}'))).toEqual({
      id: "7",
      pages: null,
      totalCount: null,
    });
  });

  it.each(["<html>", "{}", '{"data":{"id":""}}', '{"data":{"id":null}}'])(
    "without an id (%s) is worth another try",
    (body) => {
      expect(() => decodeSession(Buffer.from(body))).toThrow(UnavailableFault);
    },
  );
});
