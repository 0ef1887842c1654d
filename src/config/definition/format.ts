import { z } from "zod";
import { envelopeWords } from "../../format/envelopes/envelopes.ts";
import {
  envelopeNames,
  layoutNames,
  valueFormatNames,
} from "../../format/names.ts";
import { valueFormatWords } from "../../format/value-formats.ts";

/** What a record's value holds, and how it is written. */
export const format = z.strictObject({
  envelope: z
    .enum(envelopeNames)
    .default("change")
    .describe(`What surrounds a record. ${envelopeWords()}`),
  value: z
    .enum(valueFormatNames)
    .default("json")
    .describe(`How values are written. ${valueFormatWords()}`),
  layout: z
    .enum(layoutNames)
    .default("nested")
    .describe(
      "How a record's members become fields. nested: as Sell has them. columns: one flat row, with a typed column for each custom field, which needs a value format with schemas",
    ),
  tombstones: z
    .boolean()
    .default(true)
    .describe("With the change envelope: a null value follows each delete"),
});
