import avro, { type Type } from "avsc";
import type { AvroSchema } from "./schemas.ts";

/** Avro's `long` over its full 64 bits, as bigint: avsc's own ends at 2^53. */
const longType = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === "bigint" && fitsLong(value),
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});

/** Compiles a schema, with every `long` in it over 64 bits, timestamps too. */
export function compile(schema: AvroSchema): Type {
  return avro.Type.forSchema(
    schema as Parameters<typeof avro.Type.forSchema>[0],
    {
      typeHook: (part) => (isLong(part) ? longType : undefined),
    },
  );
}

function isLong(schema: unknown): boolean {
  return (
    schema === "long" ||
    (typeof schema === "object" &&
      schema !== null &&
      "type" in schema &&
      schema.type === "long")
  );
}

export function fitsLong(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}
