import type protobuf from "protobufjs";
import { fitsLong } from "../scalars/scalars.ts";
import type { Origin } from "../encoder.ts";
import { sourceFields, sourceOf, type SourceBlock } from "../source.ts";
import { messageOf } from "./parsed.ts";
import type { ChangeWriter } from "../wire/wire-value-writer.ts";
import { tagOf } from "./row-writer.ts";
import { DELIMITED, VARINT, writeInteger } from "./value-writers.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

type PlainValue = SourceBlock[keyof SourceBlock];

type WritePlain = (out: WireWriter, value: PlainValue) => void;

/** Creates the writer of the record in a message. */
type RecordWriter = (message: protobuf.Type) => ChangeWriter;

/**
 * Creates the writer for an envelope of this program or of an operator, which may leave out fields
 * other than `before` and `after`. Throws for a message that is no envelope.
 */
export function envelopeWriter(
  envelope: protobuf.Type,
  recordWriter: RecordWriter,
  origin: Origin,
): ChangeWriter {
  const before = stateWriter(envelope, "before", recordWriter);
  const after = stateWriter(envelope, "after", recordWriter);
  const writeSource = sourceWriter(envelope);
  const writeOp = plainWriter(envelope, "op", "string");
  const writeTime = plainWriter(envelope, "ts_ms", "int64");
  return (out, change) => {
    const state = change.op === "d" ? before : after;
    const misfit = state(out, change);
    if (misfit !== null) return misfit;
    writeSource(out, sourceOf(change, origin));
    writeOp(out, change.op);
    writeTime(out, change.takenAtMs);
    return null;
  };
}

function stateWriter(
  envelope: protobuf.Type,
  name: string,
  recordWriter: RecordWriter,
): ChangeWriter {
  const field = envelope.fields[name];
  const message =
    field === undefined || field.repeated ? null : messageOf(field);
  if (field === undefined || message === null)
    throw new Error(
      `${envelope.name} has no message in its field "${name}", as the change envelope needs it`,
    );
  const write = recordWriter(message);
  const tag = tagOf(field, DELIMITED);
  return (out, change) => {
    const before = out.end;
    out.varint(tag);
    const start = out.open();
    const misfit = write(out, change);
    if (misfit === null) out.close(start);
    else out.rewind(before);
    return misfit;
  };
}

function sourceWriter(
  envelope: protobuf.Type,
): (out: WireWriter, source: SourceBlock) => void {
  const field = envelope.fields["source"];
  if (field === undefined) return () => undefined;
  const message = messageOf(field);
  if (message === null || field.repeated)
    throw new Error(`the field source of ${envelope.name} is no message`);
  const writers = sourceFields.map(
    ({ name, type }) =>
      [
        name,
        plainWriter(message, name, type === "long" ? "int64" : "string"),
      ] as const,
  );
  const tag = tagOf(field, DELIMITED);
  return (out, source) => {
    out.varint(tag);
    const start = out.open();
    for (const [name, write] of writers) write(out, source[name]);
    out.close(start);
  };
}

/** The writer of a text or an integer; a message without the field holds nothing. */
function plainWriter(
  message: protobuf.Type,
  name: string,
  type: "string" | "int64",
): WritePlain {
  const field = message.fields[name];
  if (field === undefined) return () => undefined;
  if (field.type !== type || field.repeated)
    throw new Error(`the field ${name} of ${message.name} is no ${type}`);
  const tag = tagOf(field, type === "string" ? DELIMITED : VARINT);
  return (out, value) => {
    if (value === null) return;
    // A revision beyond 64 bits is in the headers alone.
    if (typeof value === "bigint" && !fitsLong(value)) return;
    out.varint(tag);
    if (typeof value === "string") out.text(value);
    else writeInteger(out, value);
  };
}
