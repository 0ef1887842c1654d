import { hash } from "node:crypto";
import type { Item } from "../../domain/change.ts";
import { isObject } from "../../json/parsed.ts";

/** What one record of the journal says: that an item was settled, and by which write of which run. */
export interface Entry {
  readonly type: string | null;
  readonly key: string | null;
  readonly event_type: string | null;
  /** MD5 of what makes the item what it is: ack key, kind of event, and data; in hexadecimal digits. */
  readonly hash: string;
  /** Number of the write; rises along the partition. */
  readonly seq: number;
  readonly run: string;
  /** It is a dead letter, or a newer one of its record was settled before it. */
  readonly unpublished?: true;
  /** Sell's revision; text beyond 2^53. Missing when Sell sent none. */
  readonly revision?: number | string;
  /** Missing when the record's key holds it, or it is too long for a record. */
  readonly ack_key?: string;
}

/** Says that Sell accepted the keys of all writes up to `confirmed`. */
export interface Checkpoint {
  readonly confirmed: number;
  /** Number of partitions of the journal under which all entries that count were written. */
  readonly partitions?: number;
}

const HASH = /^[0-9a-f]{32}$/;
const DIGITS = /^-?\d{1,100}$/;

/** The entry in a record's value; null when it holds none. */
export function entryIn(value: Buffer): Entry | null {
  const said = jsonIn(value);
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
  return isEntry ? (said as unknown as Entry) : null;
}

/** The checkpoint in a record's value; null when it holds none. */
export function checkpointIn(value: Buffer): Checkpoint | null {
  const said = jsonIn(value);
  if (!isObject(said) || !isCount(said["confirmed"])) return null;
  const { confirmed, partitions } = said;
  return isCount(partitions) ? { confirmed, partitions } : { confirmed };
}

function jsonIn(value: Buffer): unknown {
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

/** A revision as an entry holds it: beyond 2^53 as text. */
export function storedRevision(
  revision: number | bigint,
): Required<Entry>["revision"] {
  return typeof revision === "bigint" ? String(revision) : revision;
}

/** The revision of an entry; null when it has none. */
export function revisionIn({ revision }: Entry): number | bigint | null {
  return typeof revision === "string" ? BigInt(revision) : (revision ?? null);
}

/** The entry is of a delete of its record. */
export function isDelete({ key, event_type }: Entry): boolean {
  return key !== null && event_type === "deleted";
}

const LONGEST_KEY_BYTES = 1_024;

/** A longer one is not kept: a broker would refuse the record. Sell hands its item out again. */
const LONGEST_KEPT_BYTES = 256 * 1_024;
const HASHED = /^sha256:[0-9a-f]{64}$/;

/** Where an entry holds an ack key: in its key, or a hash there and the ack key in its value. */
export function placesOf(ackKey: string): { name: string; kept?: string } {
  const bytes = Buffer.byteLength(ackKey);
  if (ackKey.isWellFormed() && bytes <= LONGEST_KEY_BYTES)
    return { name: ackKey };
  const name = `sha256:${hash("sha256", textOf(ackKey))}`;
  return bytes <= LONGEST_KEPT_BYTES ? { name, kept: ackKey } : { name };
}

/** True for the hash of an ack key that was not kept. */
export function isHashed(name: string): boolean {
  return HASHED.test(name);
}

/** The type and key of a change's record, in one text; null when the item is no change of one. */
export function recordIn(type: string | null, key: string | null) {
  return key === null ? null : `${type ?? ""}\n${key}`;
}

/**
 * In hexadecimal digits. Sell calls one state of a record `created`, and `updated` once it has
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
