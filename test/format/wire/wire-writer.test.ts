// The wire writer writes what protobufjs and avsc write, and forgets what is taken back.
import avro from "avsc";
import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { WireWriter } from "../../../src/format/wire/wire-writer.ts";

const { Writer } = protobuf;

function written(
  write: (out: WireWriter) => void,
  out = new WireWriter(),
): Buffer {
  write(out);
  return out.written();
}

describe("the wire writer", () => {
  it("writes numbers of up to 53 bits", () => {
    const edges = [0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1];
    const number = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
    fc.assert(
      fc.property(number, (value) => {
        expect([
          ...written((out) => {
            out.varint(value);
          }),
        ]).toEqual([...Writer.create().uint64(value).finish()]);
      }),
    );
  });

  it("writes integers of 64 bits", () => {
    const edges = [-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n, 2n ** 64n - 1n];
    const integer = fc.oneof(
      fc.constantFrom(...edges),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    );
    fc.assert(
      fc.property(integer, (value) => {
        const long = String(BigInt.asIntN(64, value));
        expect([
          ...written((out) => {
            out.varint64(value);
          }),
        ]).toEqual([...Writer.create().int64(long).finish()]);
      }),
    );
  });

  it("writes texts of any length behind their length, nested ones too", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        ...["", "x".repeat(127), "ü".repeat(64), "x".repeat(17_000)],
      ),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
        const expected = Writer.create().uint32(10).fork();
        for (const one of texts) expected.string(one);
        expect(
          written((out) => {
            out.varint(10);
            const start = out.open();
            for (const one of texts) out.text(one);
            out.close(start);
          }).equals(expected.ldelim().finish()),
        ).toBe(true);
      }),
    );
  });

  it("grows, and forgets what is taken back", () => {
    const bytes = Buffer.alloc(200_000, 7);
    const copy = written((out) => {
      out.raw(Buffer.from("head"));
      const { end } = out;
      out.bytes(bytes, 0, bytes.length);
      out.rewind(end);
      out.bytes(bytes, 1, 3);
    });
    expect(copy).toEqual(Buffer.from([...Buffer.from("head"), 2, 7, 7]));
  });

  it("writes Avro's integers and lengths", () => {
    const long = avro.Type.forSchema("long");
    const most = 2 ** 52;
    const integer = fc.oneof(
      fc.integer(),
      fc.constantFrom(0, -1, 63, 64, -64, -65, most - 1, -most),
      fc.integer({ min: -most, max: most - 1 }),
    );
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("x".repeat(63), "x".repeat(64), "ü".repeat(9_000)),
    );
    const string = avro.Type.forSchema("string");
    fc.assert(
      fc.property(integer, text, (value, words) => {
        const bytes = written((out) => {
          out.zigzag(value);
          out.zigzag64(BigInt(value));
          out.text(words);
        }, new WireWriter(2));
        const number = long.toBuffer(value);
        expect(
          bytes.equals(Buffer.concat([number, number, string.toBuffer(words)])),
        ).toBe(true);
      }),
    );
    for (const value of [-(2n ** 63n), 2n ** 63n - 1n])
      expect(
        written((out) => {
          out.zigzag64(value);
        }),
      ).toHaveLength(10);
  });

  it("has others write, however much they write", () => {
    const bytes = avro.Type.forSchema("bytes");
    const large = Buffer.alloc(300_000, 7);
    expect(
      written((out) => {
        out.raw(Buffer.from("head"));
        out.by((buffer, at) => bytes.encode(large, buffer, at));
        out.raw(Buffer.from("tail"));
      }).equals(
        Buffer.concat([
          Buffer.from("head"),
          bytes.toBuffer(large),
          Buffer.from("tail"),
        ]),
      ),
    ).toBe(true);
  });

  it("moves what was written last before what was written earlier", () => {
    expect(
      written((out) => {
        out.raw(Buffer.from("head, middle, "));
        const { end } = out;
        out.raw(Buffer.from("last, "));
        out.moveBack(end, "head, ".length);
      }).toString(),
    ).toBe("head, last, middle, ");
  });
});
