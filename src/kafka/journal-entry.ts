import { hash } from "node:crypto";
import type { Item } from "../pipeline/change.ts";

/** What one record of the journal says: that an item was settled, and by which write of which run. */
export interface Entry {
  readonly type: string | null;
  readonly key: string | null;
  readonly event_type: string | null;
  /** MD5 of what makes the item what it is: ack key, kind of event, and data. */
  readonly hash: string;
  /** Number of the write; rises along the partition. */
  readonly seq: number;
  readonly run: string;
  /** It is a dead letter, or a newer one of its record was settled before it. */
  readonly unpublished?: true;
}

/** Says that Sell accepted the keys of all writes up to `confirmed`. */
export interface Checkpoint {
  readonly confirmed: number;
}

/** What a record of the journal says: a Checkpoint, or an Entry. */
export function parse(value: Buffer): unknown {
  return JSON.parse(value.toString("utf8"));
}

export function recordOf(item: Item): string {
  const key = item.kind === "change" ? item.recordKey : null;
  return recordName(item.type, key, String(item.ackKey));
}

/** An item that is no change of a record stands for itself. */
export function recordName(
  type: string | null,
  key: string | null,
  ackKey: string,
): string {
  return key === null ? ownName(ackKey) : `${type ?? ""}\n${key}`;
}

export function ownName(ackKey: string): string {
  return `\n${ackKey}`;
}

/**
 * In hexadecimal digits. Sell calls one state of a record `created`, and `updated` once it has
 * heard an acknowledgement of an earlier one: that does not make it another item.
 */
export function hashOf(item: Item): string {
  const { ackKey, eventType } = item;
  const data = item.kind === "change" ? item.data : item.item;
  const kind = eventType === "created" ? "updated" : (eventType ?? "");
  const head = Buffer.from(`${ackKey ?? ""}\n${kind}\n`);
  return hash("md5", Buffer.concat([head, data]), "hex");
}

export function contentOf(md5: string): bigint {
  return Buffer.from(md5, "hex").readBigUInt64LE(0);
}
