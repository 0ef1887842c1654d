import type { Change } from "../pipeline/change.ts";
import type { Origin } from "./encoder.ts";
import { sourceOf, type SourceBlock } from "./source.ts";
import type { ValueFormat } from "./values.ts";

const NULL = Buffer.from("null");

/** Values as JSON: Sell's own text of a record, with the `change` envelope's fields around it. */
export function jsonFormat(origin: Origin): ValueFormat {
  return {
    contentType: "application/json",
    schemaUrl: () => null,
    prepare: () => Promise.resolve(),
    row: ({ data }) => data,
    envelope: (change) => envelope(change, origin),
  };
}

/** Put together as text, so that every digit of the record stays as Sell sent it. */
function envelope(change: Change, origin: Origin): Buffer {
  const isDelete = change.op === "d";
  const [before, after] = isDelete ? [change.data, NULL] : [NULL, change.data];
  const source = textOf(sourceOf(change, origin));
  return Buffer.concat([
    Buffer.from('{"before":'),
    before,
    Buffer.from(',"after":'),
    after,
    Buffer.from(
      `,"source":${source},"op":"${change.op}","ts_ms":${change.takenAtMs}}`,
    ),
  ]);
}

/** A revision beyond 2^53 keeps its digits too. */
function textOf(source: SourceBlock): string {
  const members = Object.entries(source).map(
    ([name, value]) =>
      `"${name}":${typeof value === "bigint" ? String(value) : JSON.stringify(value)}`,
  );
  return `{${members.join(",")}}`;
}
