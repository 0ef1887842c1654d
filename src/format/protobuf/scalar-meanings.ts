import type protobuf from "protobufjs";
import { canonicalJson } from "../../json/canonical.ts";
import type { Span } from "../../json/members.ts";
import { isTimestamp, type ParsedFile } from "./parsed.ts";
import { instantAt, type Instant } from "../scalars/time.ts";
import { amountAt, canonicalAmount } from "../scalars/amounts.ts";

/**
 * Returns one canonical text for a value in Sell's JSON and for what was written of it, so that the
 * two can be compared.
 */
export interface Meaning {
  ofJson(json: Buffer, span: Span): string;
  /** Reads one value, without its tag. */
  ofWire(reader: protobuf.Reader): string;
}

/** The meaning of the values of a field that are no records. */
export function scalarMeaning(
  field: protobuf.Field,
  file: ParsedFile,
): Meaning {
  if (isTimestamp(field)) return timestampMeaning;
  if (field.type === "string" && file.isAmount(field)) return amountMeaning;
  const read = readers.get(field.type);
  return {
    ofJson: canonicalJson,
    ofWire(reader) {
      if (read === undefined)
        throw new RangeError(`this program writes no ${field.type}`);
      return read(reader);
    },
  };
}

const readers: ReadonlyMap<string, (reader: protobuf.Reader) => string> =
  new Map([
    ["string", (reader) => JSON.stringify(reader.string())],
    ["bool", (reader) => String(reader.bool())],
    ["int64", (reader) => String(readLong(reader))],
    ["int32", (reader) => reader.int32().toString()],
    ["uint64", (reader) => String(BigInt.asUintN(64, signed(reader.uint64())))],
    ["uint32", (reader) => reader.uint32().toString()],
  ]);

export function readLong(reader: protobuf.Reader): bigint {
  return signed(reader.int64());
}

/** An integer of 64 bits, which the reader returns in halves. */
function signed({ high, low }: { high: number; low: number }): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

const amountMeaning: Meaning = {
  ofJson(json, span) {
    const text = amountAt(json, span);
    return text === null
      ? canonicalJson(json, span)
      : `amount ${canonicalAmount(text)}`;
  },
  ofWire: (reader) => `amount ${canonicalAmount(reader.string())}`,
};

const timestampMeaning: Meaning = {
  ofJson(json, span) {
    const instant = instantAt(json, span);
    return instant === null ? canonicalJson(json, span) : timeText(instant);
  },
  ofWire: (reader) => timeText(readInstant(reader)),
};

/** Reads a Timestamp behind its length. */
export function readInstant(reader: protobuf.Reader): Instant {
  const end = reader.uint32() + reader.pos;
  let seconds = 0;
  let nanos = 0;
  while (reader.pos < end)
    if (reader.uint32() >>> 3 === 1) seconds = Number(readLong(reader));
    else nanos = reader.int32();
  return { seconds, nanos };
}

function timeText({ seconds, nanos }: Instant): string {
  return `time ${seconds} ${nanos}`;
}
