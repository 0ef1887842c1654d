import type { RegisteredFormat } from "../value-format.ts";
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
    createReader: async (text, customFields) =>
      (await import("./avro-reader.ts")).avroReader(text, customFields),
  },
  createWriter: (options) => avroWriter(options, avroFormat.schemas),
};
