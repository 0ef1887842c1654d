// The encoding of a record that replaces kafkajs's own writes the same bytes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeRecord,
  kafkajsEncode,
} from "../../../../../src/kafka/client/repairs/protocol/record-encoding.ts";

const text = fc.string({ unit: "grapheme", maxLength: 200 });
const content = fc.option(
  fc.oneof(
    text,
    fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
  ),
);

describe("a record of a batch", () => {
  it("is written byte for byte as kafkajs writes it", () => {
    fc.assert(
      fc.property(
        fc.record({
          offsetDelta: fc.nat(100_000),
          timestampDelta: fc.oneof(fc.constant(0), fc.nat(10_000)),
          key: content,
          value: content,
          headers: fc.dictionary(
            text,
            fc.oneof(text, fc.array(text, { maxLength: 3 })),
          ),
        }),
        (record) => {
          const { buffer } = encodeRecord(record);
          expect(buffer.equals(kafkajsEncode(record).buffer)).toBe(true);
        },
      ),
    );
  });
});
