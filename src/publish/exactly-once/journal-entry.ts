import { hash } from "node:crypto";
import type { Item } from "../../domain/change.ts";
import { isObject } from "../../json/parsed.ts";
import { fingerprint, fingerprintOfHash } from "../../lib/fingerprints.ts";
import type { KafkaRecord } from "../../kafka/write/kafka-writer.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";
import type { Settling } from "../sink.ts";
import type { SettledItem } from "./settled-memory.ts";

/** The value of a journal record that says that an item was settled, and by which write of which run. */
export interface JournalEntry {
  readonly type: string | null;
  readonly key: string | null;
  readonly event_type: string | null;
  /** MD5 of what makes the item what it is: ack key, kind of event, and data; in hexadecimal digits. */
  readonly hash: string;
  /** Number of the write; rises along the partition. */
  readonly seq: number;
  readonly run: string;
  /** The item is a dead letter, or a newer item of its record was settled before it. */
  readonly unpublished?: true;
  /** Sell's revision; text beyond 2^53. Missing when Sell sent none. */
  readonly revision?: number | string;
  /** Missing when the record's key holds it, or it is too long for a record. */
  readonly ack_key?: string;
}

/** The value of the journal record that says that Sell accepted the keys of all writes up to `confirmed`. */
export interface Checkpoint {
  readonly confirmed: number;
  /** Number of partitions of the journal under which all entries that count were written. */
  readonly partitions?: number;
}

const HASH = /^[0-9a-f]{32}$/;
const DIGITS = /^-?\d{1,100}$/;

/** Reads a record's value; null when it is no entry. */
export function parseEntry(value: Buffer): JournalEntry | null {
  const said = parseJson(value);
  if (!isObject(said)) return null;
  const { type, key, event_type, hash, seq, run, revision, ack_key } = said;
  const isEntry =
    isTextOrNull(type) &&
    isTextOrNull(key) &&
    isTextOrNull(event_type) &&
    typeof hash === "string" &&
    HASH.test(hash) &&
    isCount(seq) &&
    typeof run === "string" &&
    (revision === undefined || isRevision(revision)) &&
    (ack_key === undefined || typeof ack_key === "string");
  return isEntry ? (said as unknown as JournalEntry) : null;
}

/** Reads a record's value; null when it is no checkpoint. */
export function parseCheckpoint(value: Buffer): Checkpoint | null {
  const said = parseJson(value);
  if (!isObject(said) || !isCount(said["confirmed"])) return null;
  const { confirmed, partitions } = said;
  return isCount(partitions) ? { confirmed, partitions } : { confirmed };
}

function parseJson(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString("utf8"));
  } catch {
    return null;
  }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

/** More writes than a connector makes; what is beyond would leave no number for the next write. */
const MOST_WRITES = 2 ** 32;

function isCount(value: unknown): value is number {
  return (
    Number.isSafeInteger(value) &&
    (value as number) >= 0 &&
    (value as number) <= MOST_WRITES
  );
}

function isRevision(value: unknown): value is number | string {
  return typeof value === "string"
    ? DIGITS.test(value)
    : Number.isSafeInteger(value);
}

/** A record of the journal without its partition, which its writer knows when it writes. */
export function createJournalRecord(
  key: string,
  value: string | null,
): KafkaRecord {
  return {
    topic: JOURNAL_TOPIC,
    key,
    value: value === null ? null : Buffer.from(value),
    headers: {},
  };
}

/** The device that a record of the journal speaks for, by its key. */
export function deviceOf(key: string): string {
  const end = key.indexOf("/");
  return end < 0 ? key : key.slice(0, end);
}

/** Creates the entry of an item; `md5` as `hashOf` makes it. */
export function createEntry(
  item: Item,
  settling: Settling,
  { md5, seq, run }: { md5: string; seq: number; run: string },
): JournalEntry {
  const { type, eventType, revision } = item;
  const { inValue } = storeAckKey(String(item.ackKey));
  return {
    type,
    key: item.kind === "change" ? item.recordKey : null,
    event_type: eventType,
    hash: md5,
    seq,
    run,
    ...(settling !== "published" && { unpublished: true }),
    ...(revision !== null && {
      revision: typeof revision === "bigint" ? String(revision) : revision,
    }),
    ...(inValue !== undefined && { ack_key: inValue }),
  };
}

/** The item that an entry speaks of, as the memory knows it. */
export function toSettledItem(entry: JournalEntry): SettledItem {
  const { type, key, event_type, hash: md5, revision, unpublished } = entry;
  const record = unpublished === true ? null : recordOf(type, key);
  return {
    print: fingerprintOfHash(md5),
    record: record === null ? null : fingerprint(record),
    isDelete: key !== null && event_type === "deleted",
    revision:
      typeof revision === "string" ? BigInt(revision) : (revision ?? null),
  };
}

const LONGEST_KEY_BYTES = 1_024;

/** A longer one is not kept: a broker would refuse the record. Sell hands its item out again. */
const LONGEST_KEPT_BYTES = 256 * 1_024;
const HASHED = /^sha256:[0-9a-f]{64}$/;

/** How an entry holds an ack key: in its record's key, or a hash there and the ack key in its value. */
export function storeAckKey(ackKey: string): {
  inKey: string;
  inValue?: string;
} {
  const bytes = Buffer.byteLength(ackKey);
  if (ackKey.isWellFormed() && bytes <= LONGEST_KEY_BYTES)
    return { inKey: ackKey };
  const inKey = `sha256:${hash("sha256", textOf(ackKey))}`;
  return bytes <= LONGEST_KEPT_BYTES ? { inKey, inValue: ackKey } : { inKey };
}

/** True for the hash of an ack key, which Sell does not know. */
export function isHashedAckKey(inKey: string): boolean {
  return HASHED.test(inKey);
}

/** Tells a change's record from all others, by its type and key; null when the item is of no record. */
export function recordOf(type: string | null, key: string | null) {
  return key === null ? null : `${type ?? ""}\n${key}`;
}

/**
 * Tells an item from all others, in hexadecimal digits. Sell calls one state of a record `created`, and `updated` once it has
 * heard an acknowledgement of an earlier one: that does not make it another item.
 */
export function hashOf(item: Item): string {
  const { ackKey, eventType } = item;
  const data = item.kind === "change" ? item.data : item.item;
  const kind = eventType === "created" ? "updated" : (eventType ?? "");
  const head = Buffer.from(`${textOf(ackKey ?? "")}\n${textOf(kind)}\n`);
  return hash("md5", Buffer.concat([head, data]), "hex");
}

/** Lone surrogates, which UTF-8 does not tell apart, stay apart. */
function textOf(text: string): string {
  return text.isWellFormed() ? text : JSON.stringify(text);
}
