import type { Change } from "../domain/change.ts";
import type { Origin } from "./encoder.ts";
import { sourceOf, type SourceBlock } from "./source.ts";
import type { ValueFormat } from "./values.ts";

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
  const { data, op, takenAtMs } = change;
  const isDelete = op === "d";
  const head = isDelete ? '{"before":' : '{"before":null,"after":';
  const tail = `${isDelete ? ',"after":null' : ""},"source":${textOf(sourceOf(change, origin))},"op":"${op}","ts_ms":${takenAtMs}}`;
  const text = Buffer.allocUnsafe(
    head.length + data.length + Buffer.byteLength(tail),
  );
  text.write(head, 0, "latin1");
  text.set(data, head.length);
  text.write(tail, head.length + data.length);
  return text;
}

/** A revision beyond 2^53 keeps its digits too. */
function textOf(source: SourceBlock): string {
  let text = "";
  for (const [name, value] of Object.entries(source))
    text += `,"${name}":${typeof value === "bigint" ? String(value) : JSON.stringify(value)}`;
  return `{${text.slice(1)}}`;
}
