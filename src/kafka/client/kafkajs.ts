import kafkajs from "kafkajs";

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
export { default as FieldReader } from "kafkajs/src/protocol/decoder.js";
