import type { Type } from "avsc";
import type { Change } from "../../domain/change.ts";
import type { CustomFieldList } from "../../domain/custom-fields.ts";
import type { Origin } from "../encoder.ts";
import { HEAD_BYTES, writeHead } from "../schema-registry/frame.ts";
import type { RegisteredSchema } from "../schema-registry/schema.ts";
import { TopicSchemas } from "../schema-registry/topic-schemas.ts";
import { sourceOf } from "../source.ts";
import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import { rowReader as columnsReader } from "../columns/row-reader.ts";
import { avroCodec, tableOf } from "./columns.ts";
import { fitsLong, UNFIT } from "../scalars/scalars.ts";
import { compile } from "./long.ts";
import { fieldsOf, rowWithin } from "./row-within.ts";
import { rowReader, type RowReader } from "./rows.ts";
import { isGeneric, type AvroSchema } from "./schemas.ts";

/** What the values of one topic are written with. */
interface TopicSchema {
  readonly schemaId: number;
  readonly type: Type;
  readonly isGeneric: boolean;
  readonly readRow: RowReader;
}

const REMEDY =
  'that has a place for it, such as a field "extra", a map of strings';

export function avroWriter(
  options: RegisteredWriterOptions,
  schemas: SchemaSet,
): ValueWriter {
  const { registry, origin } = options;
  const topics = new TopicSchemas({
    ...options,
    schemas,
    compile: (schema, fields) => compileForWriting(schema, fields, options),
  });

  const write = (
    change: Change,
    topic: string,
    wrap: (row: unknown) => unknown,
  ) => {
    const schema = topics.of(topic);
    const misfit = `a ${change.type} record does not fit its schema`;
    const row = rowOf(change, schema);
    if (row === UNFIT) throw topics.misfit(topic, misfit, REMEDY);
    const value = wrap(row);
    try {
      return framed(schema, value);
    } catch {
      const path = misfitPath(schema.type, value);
      throw topics.misfit(topic, `${misfit} at ${path}`, REMEDY);
    }
  };

  return {
    schemaUrl: (topic) => registry.schemaUrl(topics.of(topic).schemaId),
    prepare: (type, topic, signal) => topics.prepare(type, topic, signal),
    row: (change, topic) => write(change, topic, (row) => row),
    envelope: (change, topic) =>
      write(change, topic, (row) => envelopeOf(change, row, origin)),
  };
}

function compileForWriting(
  { id, text }: RegisteredSchema,
  fields: CustomFieldList | null,
  { shape, columns = null }: Pick<RegisteredWriterOptions, "shape" | "columns">,
): TopicSchema {
  const schema = JSON.parse(text) as AvroSchema;
  const row = shape === "row" ? schema : rowWithin(schema);
  const own = fieldsOf(row);
  return {
    schemaId: id,
    type: compile(schema),
    isGeneric: isGeneric(own),
    readRow:
      columns === null
        ? rowReader(row)
        : columnsReader(tableOf(own), avroCodec, fields),
  };
}

function rowOf(change: Change, schema: TopicSchema): unknown {
  if (!schema.isGeneric) return schema.readRow(change.data);
  const id = change.recordKey;
  return id.isWellFormed() ? { id, data: change.data.toString("utf8") } : UNFIT;
}

function envelopeOf(change: Change, row: unknown, origin: Origin): object {
  const isDelete = change.op === "d";
  const source = sourceOf(change, origin);
  const { revision, ts_ms: timeMs } = source;
  const long = revision === null ? null : BigInt(revision);
  return {
    before: isDelete ? row : null,
    after: isDelete ? null : row,
    source: {
      ...source,
      revision: long === null || fitsLong(long) ? long : null,
      ts_ms: timeMs === null ? null : BigInt(timeMs),
    },
    op: change.op,
    ts_ms: BigInt(change.takenAtMs),
  };
}

/** The path of the first value that does not fit the schema. */
function misfitPath(type: Type, value: unknown): string {
  const misfits: string[] = [];
  type.isValid(value, {
    errorHook: (path) => {
      misfits.push(path.join("."));
    },
  });
  return misfits[0] ?? "its root";
}

/** A value is written into this buffer and then copied; most values are far smaller. */
let scratch = Buffer.alloc(64 * 1024);

function framed(schema: TopicSchema, value: unknown): Buffer {
  writeHead(scratch, schema.schemaId);
  const end = schema.type.encode(value, scratch, HEAD_BYTES);
  if (end > 0) return Buffer.from(scratch.subarray(0, end));
  // A negative end tells by how many bytes the buffer is too small.
  scratch = Buffer.alloc(2 * (scratch.length - end));
  return framed(schema, value);
}
