import { jsonReader } from "../json/json-reader.ts";
import type { RegisteredFormat } from "../value-format.ts";
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
    createReader: () => jsonReader,
  },
  createWriter: (options) =>
    jsonSchemaWriter(options, jsonSchemaFormat.schemas),
};
