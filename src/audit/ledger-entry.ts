/** The state of a record on one side; equal on both sides when the record is the same. */
export type Content =
  | {
      readonly kind: "live";
      readonly digest: Uint8Array;
      /** The id of the schema that both sides are compared by; 0 for plain JSON, negative for a value that can't be read. */
      readonly schema: number;
    }
  | { readonly kind: "deleted" };

/** Where a record belongs in Kafka: its topic, and its key there. */
export interface Address {
  readonly topic: string;
  readonly key: string;
}

export interface InKafka extends Address {
  readonly content: Content;
  readonly partition: number;
  readonly offset: bigint;
  readonly revision: string | null;
  /** The connector that the record names; null when it names this one, or none. */
  readonly otherConnector: string | null;
}

export interface InSell extends Address {
  readonly content: Content;
  readonly revision: string | null;
  /** Whether a dead-letter record that waits for its replay holds the same. */
  readonly isDeadLettered: boolean;
}

/** The outcomes of a comparison that are findings, the worst first. */
export const findingKinds = [
  "missing",
  "different",
  "gone",
  "deadLettered",
  "undecided",
  "notSeen",
] as const;

export type FindingKind = (typeof findingKinds)[number];

/** The outcome of comparing both sides of a record. */
type Kind = "agreed" | FindingKind;

/** An entry of the ledger: both sides of one record. */
export interface Entry extends Address {
  readonly kind: Kind;
  /** The digest of the content on each side, in hexadecimal; null where there is no live record. */
  readonly sellDigest: string | null;
  readonly kafkaDigest: string | null;
}

/** A record that is not the same on both sides. */
export interface FoundEntry extends Address {
  /** The partition and offset of Kafka's newest record; null without one. */
  readonly partition: number | null;
  readonly offset: number | null;
  readonly kafkaRevision: string | null;
  readonly sellRevision: string | null;
}
