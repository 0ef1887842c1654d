import type { ValueFormat } from "../value-format.ts";
import { envelopeText } from "./json-text.ts";

/** Values as JSON: Sell's own text of a record, with the `change` envelope's fields around it. */
export const jsonFormat: ValueFormat = {
  title: "JSON",
  summary: "Sell's own text",
  contentType: "application/json",
  schemas: null,
  createWriter: ({ origin }) => ({
    schemaUrl: () => null,
    prepare: () => Promise.resolve(),
    row: ({ data }) => data,
    envelope: (change) => envelopeText(change, origin),
  }),
};
