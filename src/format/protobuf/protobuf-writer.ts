import type protobuf from "protobufjs";
import type { Change } from "../../domain/change.ts";
import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { cutText } from "../../lib/text/cut-text.ts";
import { HEAD_BYTES, writeHead } from "../schema-registry/frame.ts";
import type { RegisteredSchema } from "../schema-registry/schema.ts";
import { TopicSchemas } from "../schema-registry/topic-schemas.ts";
import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import type { ChangeWriter } from "./record-writer.ts";
import { WireWriter } from "../wire/wire-writer.ts";

/** The schema and writers of the values of one topic. */
interface TopicSchema {
  readonly schemaId: number;
  /** The bytes before each message. */
  readonly head: Buffer;
  readonly write: ChangeWriter;
}

/** In place of the places of a message: the first one of the file. */
const FIRST_MESSAGE = 0;
const LONGEST_NAME_BYTES = 200;
const REMEDY = 'that has a place for it, such as a field "extra", a';

/** Values are written one after the other, and each is copied when it is whole. */
const out = new WireWriter();

export function protobufWriter(
  options: RegisteredWriterOptions,
  schemas: SchemaSet,
): ValueWriter {
  const { registry, columns = null } = options;
  const remedy = `${REMEDY} ${columns === null ? "map<string, string>" : "string"}`;
  const topics = new TopicSchemas<TopicSchema>({
    ...options,
    schemas,
    compile: (schema, fields) => compileForWriting(schema, fields, options),
  });

  const write = (change: Change, topic: string) => {
    const { head, write: writeInto } = topics.of(topic);
    out.rewind(0);
    out.raw(head);
    const misfit = writeInto(out, change);
    if (misfit === null) return out.written();
    const member = cutText(misfit, LONGEST_NAME_BYTES);
    throw topics.misfit(
      topic,
      `a ${change.type} record does not fit its schema at ${member}`,
      remedy,
    );
  };

  return {
    schemaUrl: (topic) => registry.schemaUrl(topics.of(topic).schemaId),
    prepare: (type, topic, signal) => topics.prepare(type, topic, signal),
    // A topic's schema is that of one shape.
    row: write,
    envelope: write,
  };
}

async function compileForWriting(
  { id, text }: RegisteredSchema,
  fields: CustomFieldList | null,
  { shape, origin, columns = null }: RegisteredWriterOptions,
): Promise<TopicSchema> {
  // The parser is loaded only where it is needed.
  const { firstMessage, parsedFile } = await import("./parsed.ts");
  const { envelopeWriter } = await import("./envelope-writer.ts");
  const { recordWriter } = await import("./record-writer.ts");
  const { rowWriter } = await import("./row-writer.ts");
  const { columnsWriter } = await import("./columns/columns-writer.ts");
  const file = parsedFile(text);
  const message = firstMessage(file);
  const head = Buffer.alloc(HEAD_BYTES + 1);
  writeHead(head, id);
  head.writeUInt8(FIRST_MESSAGE, HEAD_BYTES);
  const writerOf = (record: protobuf.Type) =>
    recordWriter(record, (type) =>
      columns === null ? rowWriter(type, file) : columnsWriter(type, fields),
    );
  const write =
    shape === "row"
      ? writerOf(message)
      : envelopeWriter(message, writerOf, origin);
  return { schemaId: id, head, write };
}
