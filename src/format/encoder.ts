import type { Change } from "../domain/change.ts";

/** The value and headers of one Kafka record; the publisher adds key, topic and partition. */
export interface Payload {
  /** Null deletes the key from a compacted topic. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** The program and connector that write the records. */
export interface Origin {
  /** The version of this program. */
  readonly version: string;
  readonly connectorName: string;
  /** The device UUID by which Sell knows the connector. */
  readonly device: string;
}

/** Turns changes into bytes, in one envelope and one value format. */
export interface Encoder {
  /**
   * Finds out what changes need to be known for, such as new custom fields; returns at once when
   * all is known. Rejects only with the signal's reason.
   */
  learn?(changes: readonly Change[], signal: AbortSignal): Promise<void>;

  /**
   * Loads or registers the schema of a type's topic; returns at once when that is done already.
   * Rejects with a TypeFault when the registry refuses the schema or denies access, and with an
   * UnavailableFault when it can't be reached.
   */
  prepare(type: string, topic: string, signal: AbortSignal): Promise<void>;

  /**
   * Returns the records for one change, in order: one, or two when a tombstone follows a delete.
   * Call `prepare` for the change's type and topic first. Throws a RecordFault (stage `encode`)
   * when the format can't hold the change, and a TypeFault when an operator's schema can't.
   */
  encode(change: Change, topic: string): readonly Payload[];
}
