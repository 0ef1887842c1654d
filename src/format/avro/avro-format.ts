import type { RegisteredFormat } from "../value-format.ts";
import { avroReader } from "./avro-reader.ts";
import { avroWriter } from "./avro-writer.ts";
import { columnSchemas } from "./columns/column-schemas.ts";
import { schemaText } from "./schemas.ts";

/** Values as Avro in Confluent's wire format. */
export const avroFormat: RegisteredFormat = {
  title: "Avro",
  summary: "with a schema for each type",
  contentType: "application/avro",
  schemas: {
    kind: "AVRO",
    title: "Avro schema",
    text: schemaText,
    columns: columnSchemas,
    createReader: avroReader,
  },
  createWriter: (options) => avroWriter(options, avroFormat.schemas),
};
