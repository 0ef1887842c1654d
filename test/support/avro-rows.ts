import { compile } from "../../src/format/avro/long.ts";
import { rowWriter } from "../../src/format/avro/row-writer.ts";
import type { AvroSchema } from "../../src/format/avro/schemas.ts";
import { WireWriter } from "../../src/format/wire/wire-writer.ts";

export interface AvroRows {
  /** A record's JSON text, written as Avro; null when the schema has no place for a part of it. */
  readonly written: (text: string) => Buffer | null;
  /** What a consumer gets of a record; throws when the schema has no place for a part of it. */
  readonly roundTrip: (text: string) => AvroRow;
}

interface AvroRow {
  readonly [name: string]: unknown;
  readonly extra: Record<string, string>;
}

export function avroRows(schema: AvroSchema): AvroRows {
  const type = compile(schema);
  const write = rowWriter({ schema, type });
  const written = (text: string) => {
    const out = new WireWriter(2);
    return write(out, Buffer.from(text)) === null ? out.written() : null;
  };
  return {
    written,
    roundTrip(text) {
      const bytes = written(text);
      if (bytes === null) throw new Error(`${text} has no place`);
      return type.fromBuffer(bytes) as AvroRow;
    },
  };
}
