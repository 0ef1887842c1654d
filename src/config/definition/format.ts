import { z } from "zod";

/** What a record's value holds, and how it is written. */
export const format = z.strictObject({
  envelope: z
    .enum(["change", "flat", "cloudevents"])
    .default("change")
    .describe(
      "What surrounds a record: Debezium's fields, nothing, or CloudEvents 1.0",
    ),
  value: z
    .enum(["json", "avro"])
    .default("json")
    .describe("How values are written; avro needs schemaRegistry"),
  tombstones: z
    .boolean()
    .default(true)
    .describe("With the change envelope: a null value follows each delete"),
});
