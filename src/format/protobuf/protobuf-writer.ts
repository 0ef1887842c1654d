import type protobuf from "protobufjs";
import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { HEAD_BYTES, writeHead } from "../schema-registry/frame.ts";
import type { RegisteredSchema } from "../schema-registry/schema.ts";
import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import { wireValueWriter, type WireSchema } from "../wire/wire-value-writer.ts";
import { WireWriter } from "../wire/wire-writer.ts";

/** In place of the places of a message: the first one of the file. */
const FIRST_MESSAGE = 0;
const REMEDY = 'that has a place for it, such as a field "extra", a';

const out = new WireWriter();

export function protobufWriter(
  options: RegisteredWriterOptions,
  schemas: SchemaSet,
): ValueWriter {
  const { columns = null } = options;
  return wireValueWriter(options, schemas, {
    out,
    remedy: `${REMEDY} ${columns === null ? "map<string, string>" : "string"}`,
    compile: (schema, fields) => compileForWriting(schema, fields, options),
  });
}

async function compileForWriting(
  { id, text }: RegisteredSchema,
  fields: CustomFieldList | null,
  { shape, origin, columns = null }: RegisteredWriterOptions,
): Promise<WireSchema> {
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
