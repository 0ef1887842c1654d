import type { Change } from "../domain/change.ts";

/** How values are written, whatever the envelope. All throw as `Encoder.encode` does. */
export interface ValueFormat {
  readonly contentType: string;
  /** Where consumers find the schema of a topic's values; null when there is none. */
  schemaUrl(topic: string): string | null;
  prepare(type: string, topic: string, signal: AbortSignal): Promise<void>;
  /** The record alone. */
  row(change: Change, topic: string): Buffer;
  /** The record within Debezium's envelope. */
  envelope(change: Change, topic: string): Buffer;
}
