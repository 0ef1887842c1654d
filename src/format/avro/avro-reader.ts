import type { ValueReader } from "../value-format.ts";
import { compile } from "./long.ts";
import { rowMeaning } from "./row-meaning.ts";
import { fieldsOf, rowWithin } from "./row-within.ts";
import type { AvroSchema } from "./schemas.ts";

/** Reads the values of one Avro schema. Throws when the schema is none. */
export function avroReader(schemaText: string): ValueReader {
  const schema = JSON.parse(schemaText) as AvroSchema;
  const isEnvelope = fieldsOf(schema).some(({ name }) => name === "after");
  const meaning = rowMeaning(isEnvelope ? rowWithin(schema) : schema);
  const type = compile(schema);
  return {
    read(body) {
      const value = type.fromBuffer(body) as unknown;
      if (!isEnvelope) return meaning.ofRow(value);
      const { after } = value as { after: unknown };
      return after === null ? null : meaning.ofRow(after);
    },
    canonical: (data) => meaning.ofJson(data),
  };
}
