declare const ackKeyBrand: unique symbol;
/** Sell's acknowledgement key of one instruction: opaque, sent back as it came. */
export type AckKey = string & { readonly [ackKeyBrand]: true };

/** `c`reate, `u`pdate or `d`elete, as Debezium writes them. */
export type Op = "c" | "u" | "d";

/** What is known of every instruction that Sell hands out, however odd it is. */
interface Instruction {
  /** Sell's resource type, such as `contact`; null when the item names none. */
  readonly type: string | null;
  /** The record's `id`: digits, or a string as it is, or the JSON text of anything else; null when there is none. */
  readonly id: string | null;
  /** Null when Sell sent none: such an item can't be acknowledged. */
  readonly ackKey: AckKey | null;
  /** Sell's `event_type` as sent; null when it sent none. */
  readonly eventType: string | null;
  /** Sell's `revision`; null when it is missing or not an integer. */
  readonly revision: number | bigint | null;
  /** Sell's item (`data` and `meta`), byte for byte. */
  readonly item: Buffer;
  /** The session that handed it out. */
  readonly session: string;
  /** When the connector took it, in milliseconds since the epoch. */
  readonly takenAtMs: number;
}

/** A record's new state, or its deletion. */
export interface Change extends Instruction {
  readonly kind: "change";
  readonly type: string;
  readonly op: Op;
  /** What tells the record from others of its type: its id, or its ack key without the revision. */
  readonly recordKey: string;
  /** `updated_at`, else `created_at`, in milliseconds since the epoch; null when neither is a date. */
  readonly sourceTimeMs: number | null;
  /** The JSON object in Sell's `data`, byte for byte. */
  readonly data: Buffer;
}

/** An item that is no change: kept whole, for the dead-letter topic. */
interface Malformed extends Instruction {
  readonly kind: "malformed";
  /** As a change's, where the item tells it; null otherwise. */
  readonly recordKey: string | null;
  /** What is wrong with it, in words for an operator. */
  readonly problem: string;
}

export type Item = Change | Malformed;
