// Which value goes into which column of a row, and what stays as text.
import { describe, expect, it } from "vitest";
import type { CustomField } from "../../../src/domain/custom-fields.ts";
import { plannedTable } from "../../../src/format/columns/planned-table.ts";
import { rowWriter } from "../../../src/format/json-schema/columns.ts";
import { customField as field } from "../../support/builders.ts";

const fields: readonly CustomField[] = [
  field(1, "N", "number"),
  field(2, "B", "boolean"),
  field(3, "D", "date"),
  field(4, "T", "date-time"),
  field(5, "C", "choice"),
  field(6, "M", "choices"),
  field(7, "A", "address"),
  field(8, "S", "text"),
  { ...field(9, "Both", "number"), holders: "people" },
  { ...field(10, "Both", "text"), holders: "organizations" },
];

const table = plannedTable("contact", null, fields);
const write = rowWriter(table, fields);

function rowOf(text: string): unknown {
  const row = write(Buffer.from(text));
  return row === null ? "unfit" : (JSON.parse(row.toString()) as unknown);
}

const custom = (members: string) => rowOf(`{"custom_fields":{${members}}}`);
const inExtra = (members: string) => ({
  extra: `{"custom_fields":{${members}}}`,
});

describe("a row", () => {
  it.each([
    ['"N":1230', { cf_n: "1230" }],
    ['"N":"123.45"', { cf_n: "123.45" }],
    ['"B":false', { cf_b: false }],
    ['"D":"2016-04-27"', { cf_d: "2016-04-27" }],
    ['"D":"4/27/2016"', { cf_d: "2016-04-27" }],
    ['"T":"4/28/2016 6:00"', { cf_t: "2016-04-28T06:00:00" }],
    ['"T":"2016-04-28T06:00:00Z"', { cf_t: "2016-04-28T06:00:00" }],
    ['"C":"Gold"', { cf_c: "Gold" }],
    ['"M":["a","b"]', { cf_m: ["a", "b"] }],
    ['"M":[]', { cf_m: [] }],
    ['"A":{"line1":"x","city":null}', { cf_a_line1: "x" }],
    ['"S":"12"', { cf_s: "12" }],
  ])("holds %s in its column", (members, row) => {
    expect(custom(members)).toEqual(row);
  });

  it.each([
    `"N":"${"1".repeat(60)}"`,
    `"N":${"1".repeat(60)}`,
    '"N":"abc"',
    '"N":[1]',
    '"B":"true"',
    '"D":"0000-00-00"',
    '"D":"2026-02-30"',
    '"D":"2016-04-27T00:00:00Z"',
    '"T":"2016-04-28T25:00:00Z"',
    '"T":"2016-04-28T06:00:00+02:00"',
    '"T":"4/28/2016"',
    '"S":12',
    '"S":"a\\u0000b"',
    '"S":"\\ud800"',
    '"M":["a",1]',
    '"A":"somewhere"',
  ])("keeps %s as it came, in extra", (members) => {
    expect(custom(members)).toEqual(inExtra(members));
  });

  it("holds the name of a choice that is an object, and the object in extra", () => {
    expect(custom('"C":{"id":1,"name":"Gold"}')).toEqual({
      ...{ cf_c: "Gold" },
      ...inExtra('"C":{"id":1,"name":"Gold"}'),
    });
    expect(custom('"M":[{"id":1,"name":"a"},"b"]')).toEqual({
      ...{ cf_m: ["a", "b"] },
      ...inExtra('"M":[{"id":1,"name":"a"},"b"]'),
    });
  });

  it("holds what fits of an address, and the rest in extra", () => {
    expect(rowOf('{"address":{"line1":"x","zip":1.0},"fax":5}')).toEqual({
      address_line1: "x",
      extra: '{"fax":5,"address":{"zip":1.0}}',
    });
    expect(rowOf('{"address":{"line1":null}}')).toEqual({
      extra: '{"address":{}}',
    });
    expect(rowOf('{"address":null}')).toEqual({});
  });

  it("keeps custom fields without a definition together, as JSON text", () => {
    expect(custom('"New one": 1.0,"S":"x","__proto__":{"a":1}')).toEqual({
      cf_s: "x",
      custom_fields: '{"New one":1.0,"__proto__":{"a":1}}',
    });
    expect(custom("")).toEqual({ custom_fields: "{}" });
    expect(rowOf('{"custom_fields":[1]}')).toEqual({
      extra: '{"custom_fields":[1]}',
    });
  });

  it("keeps all custom fields as they came while none has a column", () => {
    const write = rowWriter(plannedTable("contact", null, null), null);
    const rowOf = (text: string) =>
      JSON.parse(String(write(Buffer.from(text)))) as unknown;
    const custom = '{"a": 1.0, "b":{}}';
    expect(rowOf(`{"custom_fields":${custom}}`)).toEqual({
      custom_fields: custom,
    });
    for (const other of ["[1]", "5", '"x"'])
      expect(rowOf(`{"custom_fields":${other}}`)).toEqual({
        extra: `{"custom_fields":${other}}`,
      });
    expect(rowOf('{"custom_fields":null}')).toEqual({});
  });

  it("holds a name that people and organizations share in the column of each", () => {
    const both = (kind: boolean) =>
      rowOf(`{"custom_fields":{"Both":"5"},"is_organization":${String(kind)}}`);
    expect(both(false)).toEqual({ is_organization: false, cf_both: "5" });
    expect(both(true)).toEqual({ is_organization: true, cf_both_10: "5" });
  });

  it("knows custom fields by the remembered names when definitions are unknown", () => {
    const remembered = rowWriter(table, null);
    const row = remembered(
      Buffer.from('{"custom_fields":{"N":5,"A":{"city":"c"}}}'),
    );
    expect(String(row)).toBe('{"cf_n":"5","cf_a_city":"c"}');
  });

  it("is none for what is no object", () => {
    expect(rowOf("[1]")).toBe("unfit");
  });
});
