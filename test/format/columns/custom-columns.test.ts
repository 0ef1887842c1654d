// A custom field gets its column name once: renames keep it, collisions and changed types get others.
import { describe, expect, it } from "vitest";
import type { CustomField } from "../../../src/domain/custom-fields.ts";
import { baseColumns } from "../../../src/format/columns/base-columns.ts";
import type { CustomColumn } from "../../../src/format/columns/column.ts";
import { customColumns } from "../../../src/format/columns/custom-columns.ts";
import { plannedTable } from "../../../src/format/columns/planned-table.ts";
import { typesWithSchema } from "../../../src/format/schema-files.ts";
import { customField as field } from "../../support/builders.ts";

const named = (...fields: CustomField[]) =>
  customColumns([], fields, []).map(({ name }) => name);

describe("the columns of custom fields", () => {
  it.each([
    ["Region", "cf_region"],
    ["Very_Complicated.CustomField", "cf_very_complicated_customfield"],
    ["  Größe (cm) ", "cf_grosse_cm"],
    ["id", "cf_id"],
    ["cf_x", "cf_cf_x"],
    ["", "cf_7"],
    ["日本語", "cf_7"],
    ["2nd phone", "cf_2nd_phone"],
    ["a\nb\0c", "cf_a_b_c"],
    ["x".repeat(120), `cf_${"x".repeat(60)}`],
  ])("%j is %s", (name, column) => {
    expect(named(field(7, name))).toEqual([column]);
  });

  it("get the id when names collide, the later field that is", () => {
    expect(
      named(field(1, "a.b"), field(2, "A b"), field(3, "1"), field(4, "本")),
    ).toEqual(["cf_a_b", "cf_a_b_2", "cf_1", "cf_4"]);
    const long = "Long ".repeat(23);
    const [first = "", second = ""] = named(
      field(11, `${long}first`),
      field(12, `${long}other`),
    );
    expect(second).toMatch(/^cf_long_long.*_12$/);
    expect(Math.max(first.length, second.length)).toBeLessThanOrEqual(63);
    expect(named(field(5, "日本語"), field(6, "5"))).toEqual([
      "cf_5",
      "cf_5_6",
    ]);
  });

  it("are five for an address, none of which collides", () => {
    expect(named(field(1, "HQ line1"), field(2, "HQ", "address"))).toEqual([
      "cf_hq_line1",
      ...["line1", "city", "postal_code", "state", "country"].map(
        (part) => `cf_hq_2_${part}`,
      ),
    ]);
  });

  it("stay when Sell renames a field, and tell its new name", () => {
    const before = customColumns(
      [],
      [field(1, "Region"), field(2, "Size")],
      [],
    );
    const after = customColumns(
      before,
      [field(1, "Size"), field(2, "Region")],
      [],
    );
    expect(after.map(nameAndField)).toEqual([
      ["cf_region", "Size"],
      ["cf_size", "Region"],
    ]);
  });

  it("get a number when the type changes, and are used again when it changes back", () => {
    const first = customColumns([], [field(1, "Size", "number")], []);
    const second = customColumns(first, [field(1, "Size", "text")], []);
    expect(second.map(({ name, type }) => [name, type])).toEqual([
      ["cf_size", "decimal"],
      ["cf_size_2", "string"],
    ]);
    const third = customColumns(second, [field(1, "Size", "address")], []);
    expect(third.at(-1)?.name).toBe("cf_size_2_country");
    expect(customColumns(third, [field(1, "Size", "number")], [])).toEqual(
      third,
    );
  });

  it("never leave, whatever Sell defines", () => {
    const before = customColumns([], [field(1, "Region")], []);
    expect(customColumns(before, [], [])).toEqual(before);
    expect(
      customColumns(before, [field(2, "Region")], []).map(nameAndField),
    ).toEqual([
      ["cf_region", "Region"],
      ["cf_region_2", "Region"],
    ]);
  });

  it("end at 1,500, in the order of the ids", () => {
    const fields = Array.from({ length: 2_000 }, (_, at) =>
      field(at, `F ${at}`),
    );
    const columns = customColumns([], fields, []);
    expect(columns).toHaveLength(1_500);
    expect(columns.at(-1)?.name).toBe("cf_f_1499");
  });
});

function nameAndField({ name, place }: CustomColumn): readonly string[] {
  return [name, place.field.name];
}

describe("the columns of a type", () => {
  it.each(typesWithSchema())("of %s have names of their own", (type) => {
    const names = baseColumns(type).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.at(-1)).toBe("extra");
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{0,62}$/);
  });

  it("flatten records, and keep lists of records as text", () => {
    const types = (type: string, pattern: RegExp) =>
      baseColumns(type)
        .filter(({ name }) => pattern.test(name))
        .map((column) => [column.name, column.type]);
    expect(types("contact", /^address/)).toEqual(
      ["line1", "city", "postal_code", "state", "country"].map((part) => [
        `address_${part}`,
        "string",
      ]),
    );
    expect(types("pipeline", /^stages/)).toEqual([["stages_items", "json"]]);
    expect(types("product", /^prices/)).toEqual([["prices", "json"]]);
    expect(types("user", /^(roles|group|system)/)).toEqual([
      ["roles", "json"],
      ["group_id", "long"],
      ["group_name", "string"],
      ["system_tags", "strings"],
    ]);
    expect(types("call", /^associated/)).toEqual([
      ["associated_deal_ids", "longs"],
    ]);
  });

  it("keep columns of an earlier schema that this version does not know", () => {
    const earlier = {
      columns: [
        {
          name: "later_field",
          type: "long",
          place: { kind: "member", path: ["later_field"] },
        },
      ],
    } as const;
    const { columns } = plannedTable("tag", earlier, null);
    expect(columns.map(({ name }) => name)).toEqual([
      ...baseColumns("tag").map(({ name }) => name),
      "later_field",
    ]);
  });
});
