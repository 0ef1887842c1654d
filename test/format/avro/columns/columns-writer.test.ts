// Columns of an operator's schema take what they hold exactly; everything else stays in `extra`.
import { describe, expect, it } from "vitest";
import { columnsWriter } from "../../../../src/format/avro/columns/columns-writer.ts";
import { compile } from "../../../../src/format/avro/long.ts";
import type {
  AvroField,
  AvroSchema,
} from "../../../../src/format/avro/schemas.ts";
import { WireWriter } from "../../../../src/format/wire/wire-writer.ts";

/** What a consumer gets of a record; the name of the field that can't hold it. */
function written(fields: readonly AvroField[], text: string): unknown {
  const schema: AvroSchema = { type: "record", name: "Own", fields };
  const type = compile(schema);
  const out = new WireWriter(2);
  const misfit = columnsWriter({ schema, type }, null)(out, Buffer.from(text));
  return misfit ?? { ...(type.fromBuffer(out.written()) as object) };
}

const extra: AvroField = { name: "extra", type: ["null", "string"] };
const decimalOf = (precision: number, scale: number): AvroSchema => ({
  ...{ type: "bytes", logicalType: "decimal", precision, scale },
});

describe("columns of an operator's schema", () => {
  it("may be nullable or not, with null at any place", () => {
    const fields: AvroField[] = [
      { name: "id", type: "long" },
      { name: "hot", type: ["boolean", "null"] },
      { name: "name", type: ["null", "string"], default: null },
      { name: "tags", type: { type: "array", items: "string" } },
      extra,
    ];
    expect(written(fields, '{"id":1,"hot":true,"tags":[]}')).toEqual({
      ...{ id: 1n, hot: true, name: null, tags: [], extra: null },
    });
    expect(written(fields, '{"id":1,"tags":["a"],"x":2}')).toEqual({
      ...{ id: 1n, hot: null, name: null, tags: ["a"], extra: '{"x":2}' },
    });
    expect(written(fields, '{"tags":[]}')).toBe("id");
  });

  it("may be unions of one type", () => {
    const fields: AvroField[] = [
      { name: "id", type: ["long"] },
      { name: "name", type: ["string"] },
    ];
    expect(written(fields, '{"id":1,"name":"Ada"}')).toEqual({
      ...{ id: 1n, name: "Ada" },
    });
  });

  it("are those of this program's types: values of others stay in extra", () => {
    const fields: AvroField[] = [
      { name: "value", type: ["null", decimalOf(10, 2)], default: null },
      { name: "cost", type: ["null", decimalOf(38, 9)], default: null },
      { name: "level", type: "int", default: 3 },
      { name: "mixed", type: ["null", "long", "string"], default: null },
      extra,
    ];
    const text = '{"value":"1.5","cost":2,"level":4,"mixed":5}';
    expect(written(fields, text)).toEqual({
      ...{ value: null, level: 3, mixed: null },
      cost: Buffer.from((2_000_000_000).toString(16), "hex"),
      extra: '{"value":"1.5","level":4,"mixed":5}',
    });
  });

  it("have no place for the rest without extra, nor for a field without a default", () => {
    const id: AvroField = { name: "id", type: "long" };
    expect(written([id], '{"id":1,"x":2}')).toBe("extra");
    const level: AvroField = { name: "level", type: "int" };
    expect(written([id, level], '{"id":1}')).toBe("level");
  });
});
