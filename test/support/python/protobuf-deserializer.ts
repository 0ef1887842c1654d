import type { Consumed } from "../kafka/read-topics.ts";
import { readWithSchemas, type ReadValue } from "./fastavro.ts";

/** The values as confluent-kafka's ProtobufDeserializer reads them, in Protobuf's mapping to JSON. */
export function readWithProtobufDeserializer(
  records: readonly Consumed[],
): Promise<ReadValue[]> {
  return readWithSchemas(records, "test/support/python/read_protobuf.py");
}
