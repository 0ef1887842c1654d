import avro, { type Type } from "avsc";
import { fitsLong } from "../scalars/scalars.ts";
import type { AvroSchema } from "./schemas.ts";

/** Holds a long while it is written; avsc copies the bytes at once. */
const long = new DataView(new ArrayBuffer(8));
const longBytes = Buffer.from(long.buffer);

/** Avro's `long` in its full 64 bits, as bigint: avsc's own type ends at 2^53. */
const longType = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    long.setBigInt64(0, value, true);
    return longBytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === "bigint" && fitsLong(value),
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});

/** The reading position of avsc in its bytes. */
interface Tap {
  readLong(): number;
  readString(): string;
}

interface ReadableType {
  readonly valuesType: { _read(tap: Tap): unknown };
  _read(tap: Tap): unknown;
}

/** Reads a map. avsc's own reading loses a value whose key is `__proto__`. */
function readMap(this: ReadableType, tap: Tap): unknown {
  const values = Object.create(null) as Record<string, unknown>;
  for (;;) {
    let count = tap.readLong();
    if (count === 0) return values;
    if (count < 0) {
      count = -count;
      // The bytes of the block, which only who skips it needs.
      tap.readLong();
    }
    while (count-- > 0) {
      const key = tap.readString();
      values[key] = this.valuesType._read(tap);
    }
  }
}

(avro.types.MapType.prototype as unknown as ReadableType)._read = readMap;

/** Compiles a schema in which every `long` has 64 bits, timestamps too. */
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
