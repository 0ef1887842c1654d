import type { Change } from "../domain/change.ts";

/** The value and headers of one Kafka record; key, topic and partition are the publisher's. */
export interface Payload {
  /** Null deletes the key from a compacted topic. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Who writes the records. */
export interface Origin {
  /** Of this program. */
  readonly version: string;
  readonly connectorName: string;
  /** The device UUID under which Sell knows the connector. */
  readonly device: string;
}

/** Turns changes into bytes, in one envelope and one value format. */
export interface Encoder {
  /**
   * Gets ready what the type needs on that topic (an Avro schema in the registry); quick when it is ready.
   * Rejects with a TypeFault when the registry refuses the schema or may not be written,
   * with an UnavailableFault when it is away.
   */
  prepare(type: string, topic: string, signal: AbortSignal): Promise<void>;

  /**
   * The records for one change, in order: one, or two when a tombstone follows a delete.
   * Call only after `prepare` for the change's type and topic. Throws a RecordFault
   * (stage `encode`) when the change can't be written in this format, a TypeFault when
   * the schema that an operator registered has no place for it.
   */
  encode(change: Change, topic: string): readonly Payload[];
}
