import type { Type } from "avsc";
import type { Change } from "../../domain/change.ts";
import type { Clock } from "../../lib/clock.ts";
import { RecordFault, TypeFault } from "../../domain/faults.ts";
import type { Origin } from "../encoder.ts";
import { sourceOf } from "../source.ts";
import type { ValueFormat } from "../values.ts";
import { compile, fitsLong } from "./long.ts";
import type {
  RegisteredSchema,
  Registry,
} from "../schema-registry/registry.ts";
import { fieldsOf, rowWithin } from "./row-within.ts";
import { rowReader, type RowReader } from "./rows.ts";
import { UNFIT } from "./scalars.ts";
import { schemaText, type AvroShape, type AvroSchema } from "./schemas.ts";

export interface AvroOptions {
  readonly registry: Registry;
  /** False: the schema that an operator registered last is used. */
  readonly autoRegister: boolean;
  readonly shape: AvroShape;
  readonly origin: Origin;
  readonly clock: Clock;
  /** False where one topic takes all types: the generic schema fits each of them. */
  readonly topicPerType: boolean;
}

/** How the values of one topic are written. */
interface Writer {
  readonly schemaId: number;
  readonly type: Type;
  readonly isGeneric: boolean;
  readonly readRow: RowReader;
}

/** How long a schema that was refused is left alone before it is tried again. */
const RECHECK_MS = 10_000;
const MAGIC_BYTE = 0;
const HEAD_BYTES = 5;

/** Values as Avro in Confluent's wire format: a zero byte, the schema's id, the Avro body. */
export function avroFormat(options: AvroOptions): ValueFormat {
  const { registry, autoRegister, shape, origin, clock } = options;
  const writers = new Map<string, Writer>();
  const refused = new Map<string, { fault: TypeFault; untilMs: number }>();

  const find = async (type: string, topic: string, signal: AbortSignal) => {
    const subject = `${topic}-value`;
    if (!autoRegister) {
      const latest = await registry.latest(subject, signal);
      if (latest !== null) return writerOfForeign(latest, subject, shape);
      throw new TypeFault(
        `the schema registry has no schema for ${subject}, and schemaRegistry.autoRegister is false; register one ("sell-kafka schemas" shows it), or set autoRegister to true`,
      );
    }
    const text = schemaText(options.topicPerType ? type : null, shape);
    return writerOf(
      await registry.register(subject, text, signal),
      text,
      shape,
    );
  };

  const writerFor = (topic: string): Writer => {
    const writer = writers.get(topic);
    if (writer === undefined)
      throw new TypeFault(`the schema of ${topic} is not ready`);
    return writer;
  };

  /** What an operator's schema has no place for waits until there is one. */
  const unfit = (topic: string, reason: string): Error => {
    if (autoRegister) return new RecordFault("encode", reason);
    writers.delete(topic);
    return new TypeFault(
      `${reason}; register a schema for ${topic}-value that has a place for it, such as a field "extra", a map of strings`,
    );
  };

  const write = (
    change: Change,
    topic: string,
    wrap: (row: unknown) => unknown,
  ) => {
    const writer = writerFor(topic);
    const row = rowOf(change, writer);
    if (row === UNFIT)
      throw unfit(topic, `a ${change.type} record does not fit its schema`);
    const value = wrap(row);
    try {
      return framed(writer, value);
    } catch {
      const path = misfitOf(writer.type, value);
      throw unfit(
        topic,
        `a ${change.type} record does not fit its schema at ${path}`,
      );
    }
  };

  return {
    contentType: "application/avro",
    schemaUrl: (topic) => registry.schemaUrl(writerFor(topic).schemaId),
    async prepare(type, topic, signal) {
      if (writers.has(topic)) return;
      const known = refused.get(topic);
      if (known !== undefined && known.untilMs > clock.monotonicMs())
        throw known.fault;
      try {
        writers.set(topic, await find(type, topic, signal));
        refused.delete(topic);
      } catch (error) {
        if (error instanceof TypeFault)
          refused.set(topic, {
            fault: error,
            untilMs: clock.monotonicMs() + RECHECK_MS,
          });
        throw error;
      }
    },
    row: (change, topic) => write(change, topic, (row) => row),
    envelope: (change, topic) =>
      write(change, topic, (row) => envelopeOf(change, row, origin)),
  };
}

function writerOf(schemaId: number, text: string, shape: AvroShape): Writer {
  const schema = JSON.parse(text) as AvroSchema;
  const row = shape === "row" ? schema : rowWithin(schema);
  const fields = fieldsOf(row).map(({ name }) => name);
  return {
    schemaId,
    type: compile(schema),
    isGeneric: fields.join() === "id,data",
    readRow: rowReader(row),
  };
}

/** An operator's schema may be no Avro, or one that this program can't write with. */
function writerOfForeign(
  { id, text }: RegisteredSchema,
  subject: string,
  shape: AvroShape,
): Writer {
  try {
    return writerOf(id, text, shape);
  } catch (cause) {
    if (cause instanceof TypeFault) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeFault(
      `the schema ${id} that is registered for ${subject} can't be used: ${reason.slice(0, 200)}; register a valid Avro schema`,
      { cause },
    );
  }
}

function rowOf(change: Change, { isGeneric, readRow }: Writer): unknown {
  if (!isGeneric) return readRow(change.data);
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

/** The path of the first value that its schema does not take. */
function misfitOf(type: Type, value: unknown): string {
  const misfits: string[] = [];
  type.isValid(value, {
    errorHook: (path) => {
      misfits.push(path.join("."));
    },
  });
  return misfits[0] ?? "its root";
}

/** Values are written here first: most are far smaller. */
let scratch = Buffer.alloc(64 * 1024);

function framed(
  { schemaId, type }: Pick<Writer, "schemaId" | "type">,
  value: unknown,
): Buffer {
  scratch.writeUInt8(MAGIC_BYTE, 0);
  scratch.writeUInt32BE(schemaId, 1);
  const end = type.encode(value, scratch, HEAD_BYTES);
  if (end > 0) return Buffer.from(scratch.subarray(0, end));
  // By so many bytes it is too small.
  scratch = Buffer.alloc(2 * (scratch.length - end));
  return framed({ schemaId, type }, value);
}
