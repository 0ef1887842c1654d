import kafkajs from "kafkajs";
import Decoder from "kafkajs/src/protocol/decoder.js";

/*
 * The parts of kafkajs that other rooms use. Only files in this folder import kafkajs itself, so
 * that a change of its version, or of the library, is made here. `connection.ts` creates clients.
 */

export type {
  Admin,
  Consumer,
  IHeaders,
  Kafka,
  KafkaMessage,
  Mechanism,
  SASLOptions,
} from "kafkajs";

export const { ConfigResourceTypes, KafkaJSAggregateError } = kafkajs;

/** Reads the fields of an answer in the Kafka protocol, for requests that kafkajs does not know. */
export interface FieldReader {
  readInt8(): number;
  readInt16(): number;
  readInt32(): number;
  readString(): string | null;
  readBoolean(): boolean;
  readArray<T>(one: (reader: FieldReader) => T): T[];
}

export const FieldDecoder = Decoder as new (bytes: Buffer) => FieldReader;
