// The journal knows an item that was settled before, and takes no new one for it.
import { expect, it } from "vitest";
import { Journal } from "../../../src/publish/exactly-once/journal.ts";
import type { Settling } from "../../../src/publish/sink.ts";
import type { StoredRecord } from "../../../src/kafka/read/partition-reader.ts";
import type { KafkaRecord } from "../../../src/kafka/write/kafka-writer.ts";
import type { Change } from "../../../src/domain/change.ts";
import { ackKey, change } from "../../support/builders.ts";
import { JOURNAL_TOPIC } from "../../../src/lib/kafka-topics.ts";

const older = change({ revision: 1, data: Buffer.from('{"id":1,"rev":1}') });
const newer = change({ revision: 2, data: Buffer.from('{"id":1,"rev":2}') });

function settle(
  journal: Journal,
  one: Change,
  fate: Settling,
): readonly KafkaRecord[] {
  journal.beginBatch([one]);
  const entries = journal.entriesFor(one, fate);
  expect(entries).toHaveLength(1);
  journal.committed(entries, 0);
  return entries;
}

function read(journal: Journal, entries: readonly KafkaRecord[]): void {
  const stored = entries.map((entry, place) => ({
    ...entry,
    offset: BigInt(place),
    partition: 0,
    timestampMs: 0,
    headers: undefined,
  })) satisfies StoredRecord[];
  journal.apply(stored, { own: new Map(), hasForeign: false }, 0);
}

it("knows an item that comes twice in a batch, around another revision of its record", () => {
  const again = { ...older };
  const { fresh, repeated } = new Journal("device").beginBatch([
    older,
    newer,
    again,
  ]);
  expect(fresh).toEqual([older, newer]);
  expect(repeated).toEqual([{ item: again, first: older }]);

  const newerAgain = { ...newer };
  const batch = [newer, older, newerAgain];
  expect(new Journal("device").beginBatch(batch).fresh).toEqual([newer, older]);
});

it("knows the newest of a record that comes again, late, behind a newer one", () => {
  const journal = new Journal("device");
  settle(journal, older, "published");
  expect(journal.beginBatch([newer, older]).fresh).toEqual([newer]);
});

it("takes no record for settled that was deleted and is back with the same key", () => {
  const gone = change({ revision: 1, op: "d", eventType: "deleted" });
  const journal = new Journal("device");
  const back = { ...older };
  expect(journal.beginBatch([older, gone, back]).fresh).toEqual([
    older,
    gone,
    back,
  ]);
  settle(journal, older, "published");
  expect(journal.beginBatch([gone, back]).fresh).toEqual([gone, back]);
  settle(journal, gone, "published");
  expect(journal.beginBatch([back]).fresh).toEqual([back]);
});

it("knows an item that Sell calls updated by now, and called created", () => {
  const created = change({ revision: 2, op: "c", eventType: "created" });
  const updated = change({ revision: 2, op: "u", eventType: "updated" });
  expect(new Journal("device").beginBatch([created, updated]).fresh).toEqual([
    created,
  ]);
  const journal = new Journal("device");
  settle(journal, created, "published");
  expect(journal.beginBatch([updated]).fresh).toEqual([]);
});

it("takes a superseded item, settled last, not for the newest of its record", () => {
  const journal = new Journal("device");
  const entries = [
    ...settle(journal, newer, "published"),
    ...settle(journal, older, "superseded"),
  ];
  expect(journal.beginBatch([newer]).fresh).toEqual([]);

  const restarted = new Journal("device");
  read(restarted, entries);
  expect(restarted.beginBatch([newer]).fresh).toEqual([]);
  // Published now, it would lie behind the newer one.
  expect(restarted.beginBatch([older]).fresh).toEqual([]);
  expect(restarted.takeUnconfirmed()).toEqual([newer.ackKey, older.ackKey]);
});

it("takes a dead letter not for the newest of its record, and knows it by itself", () => {
  const journal = new Journal("device");
  const entries = [
    ...settle(journal, older, "published"),
    ...settle(journal, newer, "dead-lettered"),
  ];
  const restarted = new Journal("device");
  read(restarted, entries);
  for (const one of [journal, restarted]) {
    expect(one.beginBatch([older]).fresh).toEqual([]);
    expect(one.beginBatch([newer]).fresh).toEqual([]);
  }
});

it("lets a delete that became a dead letter change nothing for its record", () => {
  const gone = change({ revision: 1, op: "d", eventType: "deleted" });
  const journal = new Journal("device");
  const entries = [
    ...settle(journal, older, "published"),
    ...settle(journal, gone, "dead-lettered"),
  ];
  const restarted = new Journal("device");
  read(restarted, entries);
  for (const one of [journal, restarted])
    expect(one.beginBatch([older, gone]).fresh).toEqual([]);
});

it("publishes a known item again behind a delete of an older revision, in one batch and in two", () => {
  const stale = change({ revision: 1, op: "d", eventType: "deleted" });
  const journal = new Journal("device");
  settle(journal, newer, "published");
  expect(journal.beginBatch([stale, newer]).fresh).toEqual([stale, newer]);
  settle(journal, stale, "published");
  expect(journal.beginBatch([newer]).fresh).toEqual([newer]);
});

it("knows an old item behind one of the opposite kind and a higher revision", () => {
  const gone = change({ revision: 2, op: "d", eventType: "deleted" });
  const journal = new Journal("device");
  const entries = [
    ...settle(journal, older, "published"),
    ...settle(journal, gone, "published"),
  ];
  const restarted = new Journal("device");
  read(restarted, entries);
  for (const one of [journal, restarted])
    expect(one.beginBatch([older, gone]).fresh).toEqual([]);
});

it("knows an older item too, in a new run, and with other data takes it for new", () => {
  const journal = new Journal("device");
  const entries = [
    ...settle(journal, older, "published"),
    ...settle(journal, newer, "published"),
  ];
  const restarted = new Journal("device");
  read(restarted, entries);
  const changed = { ...older, data: Buffer.from('{"id":1,"rev":0}') };
  for (const one of [journal, restarted]) {
    expect(one.beginBatch([older]).fresh).toEqual([]);
    expect(one.beginBatch([changed]).fresh).toEqual([changed]);
  }
});

it("knows items without a revision by their ack key and data", () => {
  const nameless = [older, newer].map((one) => ({ ...one, revision: null }));
  const journal = new Journal("device");
  for (const one of nameless) settle(journal, one, "published");
  expect(journal.beginBatch(nameless).fresh).toEqual([]);
});

it("tells the revisions that were published, digit for digit", () => {
  const huge = change({ id: "2", revision: 2n ** 63n - 1n });
  const journal = new Journal("device");
  const entries = [
    ...settle(journal, newer, "published"),
    ...settle(journal, huge, "published"),
    ...settle(journal, older, "superseded"),
  ];
  const told: unknown[] = [];
  const restarted = new Journal("device", {
    published: (...facts) => told.push(facts),
    unreadable: () => undefined,
  });
  read(restarted, entries);
  expect(told).toEqual([
    ["contact", "1", 2],
    ["contact", "2", 2n ** 63n - 1n],
  ]);
});

it("skips a record under its own key that is no entry", () => {
  const journal = new Journal("device");
  const [entry] = settle(journal, newer, "published");
  const garbage = [
    "{",
    "null",
    "7",
    "[]",
    '"text"',
    "{}",
    '{"confirmed":"1"}',
    '{"type":{},"key":null,"event_type":null,"hash":"00","seq":-1,"run":0}',
    String(entry?.value).replace(/"seq":\d+/, '"seq":1e300'),
    String(entry?.value).replace(/"hash":"../, '"hash":"zz'),
  ];
  const records = garbage.flatMap((text) =>
    ["device", "device/contact-1-2"].map((key) => ({
      topic: JOURNAL_TOPIC,
      key,
      value: Buffer.from(text),
      headers: {},
    })),
  );
  const skipped: string[] = [];
  const restarted = new Journal("device", {
    published: () => undefined,
    unreadable: ({ key, offset }) => skipped.push(`${key} at ${offset}`),
  });
  read(restarted, [...records, ...(entry === undefined ? [] : [entry])]);
  expect(skipped).toHaveLength(records.length);
  expect(restarted.beginBatch([newer]).fresh).toEqual([]);
  expect(restarted.takeUnconfirmed()).toEqual([newer.ackKey]);
});

it("keeps ack keys that no Kafka key should hold, and tells them apart", () => {
  const keys = ["x".repeat(2_000), "\ud800", "\ud801"].map(ackKey);
  const items = keys.map((key, id) =>
    change({ id: String(id), ackKey: key, data: Buffer.from("{}") }),
  );
  const journal = new Journal("device");
  const entries = items.flatMap((one) => settle(journal, one, "published"));
  expect(new Set(entries.map(({ key }) => key)).size).toBe(keys.length);
  for (const { key } of entries) expect(key.length).toBeLessThan(100);
  const restarted = new Journal("device");
  read(restarted, entries);
  expect(restarted.takeUnconfirmed()).toEqual(keys);
  expect(restarted.beginBatch(items).fresh).toEqual([]);
});

it("leaves out an ack key that is too long for a record, and knows its item all the same", () => {
  const endless = change({ ackKey: ackKey("x".repeat(300_000)) });
  const journal = new Journal("device");
  const entries = settle(journal, endless, "published");
  expect(entries[0]?.value?.length).toBeLessThan(1_000);
  const restarted = new Journal("device");
  read(restarted, entries);
  expect(restarted.beginBatch([endless]).fresh).toEqual([]);
  expect(restarted.takeUnconfirmed()).toEqual([]);
});

it("says nothing of what another device settled", () => {
  const entries = settle(new Journal("device"), newer, "published");
  const other = new Journal("other");
  read(other, entries);
  expect(other.beginBatch([newer]).fresh).toEqual([newer]);
  expect(other.takeUnconfirmed()).toEqual([]);
});

it("tells a new run the keys of the writes that Sell may not have accepted", () => {
  const journal = new Journal("device");
  const ids = ["1", "2", "3", "4"];
  const [one, two, three, four] = ids.map((id) => change({ id }));
  const entries = [one, two, three, four].flatMap((item) =>
    item === undefined ? [] : settle(journal, item, "published"),
  );
  journal.acknowledged(2);
  const checkpoint = journal.checkpoint();

  const restarted = new Journal("device");
  read(restarted, [...entries.slice(0, 3), ...checkpoint, ...entries.slice(3)]);
  expect(restarted.takeUnconfirmed()).toEqual([three?.ackKey, four?.ackKey]);
  expect(restarted.takeUnconfirmed()).toEqual([]);
});
