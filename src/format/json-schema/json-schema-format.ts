import type { RegisteredFormat } from "../value-format.ts";
import { columnSchemas } from "./column-schemas.ts";
import { jsonSchemaReader } from "./json-schema-reader.ts";
import { jsonSchemaWriter } from "./json-schema-writer.ts";
import { jsonSchemaText } from "./schemas.ts";

/** Values as the `json` format writes them, behind the id of a JSON Schema: Confluent's wire format. */
export const jsonSchemaFormat: RegisteredFormat = {
  title: "JSON Schema",
  summary: "Sell's own text with a JSON Schema for each type",
  contentType: "application/json",
  schemas: {
    kind: "JSON",
    title: "JSON Schema",
    text: jsonSchemaText,
    columns: columnSchemas,
    createReader: jsonSchemaReader,
  },
  createWriter: (options) =>
    jsonSchemaWriter(options, jsonSchemaFormat.schemas),
};
