declare const ackKeyBrand: unique symbol;
/** Sell's acknowledgement key of one item: opaque, sent back as it came. */
export type AckKey = string & { readonly [ackKeyBrand]: true };

/** `c`reate, `u`pdate or `d`elete, as Debezium writes them. */
export type Op = "c" | "u" | "d";

/** What is known of every item that Sell hands out, also of a malformed one. */
interface ItemFields {
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
  /** The session in which Sell handed the item out. */
  readonly session: string;
  /** When the connector received the item, in milliseconds since the epoch. */
  readonly takenAtMs: number;
}

/** A record's new state, or its deletion. */
export interface Change extends ItemFields {
  readonly kind: "change";
  readonly type: string;
  readonly op: Op;
  /** Identifies the record among those of its type: its id, else its ack key without the revision. */
  readonly recordKey: string;
  /** `updated_at`, else `created_at`, in milliseconds since the epoch; null when neither is a date. */
  readonly sourceTimeMs: number | null;
  /** The JSON object in Sell's `data`, byte for byte. */
  readonly data: Buffer;
}

/** An item that is no valid change. It is kept whole, for the dead-letter topic. */
interface Malformed extends ItemFields {
  readonly kind: "malformed";
  /** As in a change; null when the item has neither an id nor an ack key. */
  readonly recordKey: string | null;
  /** Why the item is no valid change, in words for an operator. */
  readonly problem: string;
}

export type Item = Change | Malformed;
