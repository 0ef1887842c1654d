// Times in Avro's columns are milliseconds that Kafka Connect knows as times; finer ones stay in `extra`.
import { describe, expect, it } from "vitest";
import type { CustomField } from "../../../../src/domain/custom-fields.ts";
import { avroCodec } from "../../../../src/format/avro/columns/codec.ts";
import { tableSchema } from "../../../../src/format/avro/columns/table.ts";
import { plannedTable } from "../../../../src/format/columns/planned-table.ts";
import { UNFIT } from "../../../../src/format/scalars/scalars.ts";
import { rowReader } from "../../../../src/format/columns/row-reader.ts";

const lastCall: CustomField = {
  ...{ id: "4", resource: null, name: "Last call" },
  ...{ kind: "date-time", holders: "all" },
};
const table = plannedTable("contact", null, [lastCall]);
const read = rowReader(table, avroCodec, [lastCall]);

function rowOf(text: string): unknown {
  const values = read(Buffer.from(text));
  if (values === UNFIT) return "unfit";
  return Object.fromEntries(
    table.columns.map(({ name }, at) => [name, values[at]]),
  );
}

describe("times in Avro's columns", () => {
  it.each([
    ["updated_at", "timestamp-millis"],
    ["cf_last_call", "local-timestamp-millis"],
  ])("are known to Connect: %s as %s", (name, logicalType) => {
    const schema = tableSchema({ name: "Contact", doc: "" }, "contact", table);
    const field = schema.fields.find((one) => one.name === name);
    expect(field?.type).toEqual([
      "null",
      {
        ...{ type: "long", logicalType },
        "connect.name": "org.apache.kafka.connect.data.Timestamp",
      },
    ]);
  });

  it.each([
    ["2026-11-21T10:00:00Z", "2026-11-21T10:00:00"],
    ["2026-11-21T10:00:00.120Z", "2026-11-21T10:00:00.12"],
  ])("hold %s and give it back", (time, written) => {
    const record = `{"updated_at":"${time}","custom_fields":{"Last call":"${time}"}}`;
    const millis = Date.parse(time);
    expect(rowOf(record)).toMatchObject({
      ...{ updated_at: millis, cf_last_call: millis },
    });
    const { timestamp, "local-timestamp": local } = avroCodec.toJson;
    // avsc reads every long as a bigint.
    expect(timestamp(BigInt(millis))).toBe(`"${written}Z"`);
    expect(local(BigInt(millis))).toBe(`"${written}"`);
  });

  it("leave microseconds in extra", () => {
    const text =
      '{"updated_at":"2026-11-21T10:00:00.000001Z","custom_fields":{"Last call":"2026-11-21T10:00:00.000001Z"}}';
    expect(rowOf(text)).toMatchObject({
      ...{ updated_at: null, cf_last_call: null },
      extra: text,
    });
  });
});
