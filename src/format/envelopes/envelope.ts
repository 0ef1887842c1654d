import type { Change } from "../../domain/change.ts";
import type { Origin, Payload } from "../encoder.ts";
import type { ValueShape, ValueWriter } from "../value-format.ts";

/** What surrounds a record in Kafka; `envelopes.ts` lists all envelopes. */
export interface Envelope {
  /** What it stands for, in a few words that follow its name. */
  readonly summary: string;
  /** What its values hold, and so which schemas they need. */
  readonly shape: ValueShape;
  createEncode(options: EnvelopeOptions): Encode;
}

/** Makes the records for one change; a delete may take two. */
type Encode = (change: Change, topic: string) => readonly Payload[];

interface EnvelopeOptions {
  readonly values: ValueWriter;
  /** Whether a value holds the record alone or Debezium's fields. */
  readonly contentType: string;
  readonly origin: Origin;
  /** Whether a null value follows the delete of a `change` envelope. */
  readonly tombstones: boolean;
}
