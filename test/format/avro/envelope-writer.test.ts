// An operator's envelope holds the record whatever unions it has around it.
import { expect, it } from "vitest";
import { envelopeWriter } from "../../../src/format/avro/envelope-writer.ts";
import { compile } from "../../../src/format/avro/long.ts";
import type { AvroSchema } from "../../../src/format/avro/schemas.ts";
import { WireWriter } from "../../../src/format/wire/wire-writer.ts";
import { change } from "../../support/builders.ts";

const row: AvroSchema = {
  ...{ type: "record", name: "Value" },
  fields: [{ name: "id", type: "long" }],
};
const origin = { version: "1", connectorName: "sell", device: "d" };

it.each<{ readonly type: AvroSchema }>([
  { type: row },
  { type: [row] },
  { type: ["null", row] },
  { type: [row, "null"] },
])("holds a record as $type", ({ type: after }) => {
  const type = compile({
    ...{ type: "record", name: "Envelope" },
    fields: [
      { name: "after", type: after },
      { name: "op", type: "string" },
    ],
  });
  const write = envelopeWriter(type, origin, (to) => {
    to.zigzag(7);
    return null;
  });
  const out = new WireWriter(2);
  expect(write(out, change({ op: "c" }))).toBeNull();
  expect(type.fromBuffer(out.written())).toMatchObject({
    ...{ after: { id: 7n }, op: "c" },
  });
});
