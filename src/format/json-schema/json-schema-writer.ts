import type { Change } from "../../domain/change.ts";
import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { envelopeText } from "../json/json-text.ts";
import { HEAD_BYTES, writeHead } from "../schema-registry/frame.ts";
import type { RegisteredSchema } from "../schema-registry/schema.ts";
import { TopicSchemas } from "../schema-registry/topic-schemas.ts";
import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import { columnsIn } from "./column-schemas.ts";
import { rowWriter } from "./columns.ts";
import type { Validate } from "./validator.ts";

/** What the values of one topic are written with. */
interface TopicSchema {
  readonly schemaId: number;
  /** The bytes before each text. */
  readonly head: Buffer;
  /** Null for a schema of this program, which takes every text. */
  readonly validate: Validate | null;
  /** The text of a record in its value; null when a record does not fit. */
  readonly textOf: (data: Buffer) => Buffer | null;
}

export function jsonSchemaWriter(
  options: RegisteredWriterOptions,
  schemas: SchemaSet,
): ValueWriter {
  const { registry, origin } = options;
  const topics = new TopicSchemas<TopicSchema>({
    ...options,
    schemas,
    compile: (schema, fields) => compileForWriting(schema, fields, options),
  });

  const write = (
    change: Change,
    topic: string,
    textAfter: (head: Buffer, data: Buffer) => Buffer,
  ) => {
    const { head, validate, textOf } = topics.of(topic);
    const text = textOf(change.data);
    const value = text === null ? null : textAfter(head, text);
    const misfit =
      value === null
        ? "it is no object, or the schema has no extra"
        : (validate?.(value.subarray(HEAD_BYTES)) ?? null);
    if (value === null || misfit !== null)
      throw topics.misfit(
        topic,
        `a ${change.type} record does not fit its schema: ${misfit ?? ""}`,
        "that accepts it",
      );
    return value;
  };

  return {
    schemaUrl: (topic) => registry.schemaUrl(topics.of(topic).schemaId),
    prepare: (type, topic, signal) => topics.prepare(type, topic, signal),
    row: (change, topic) =>
      write(change, topic, (head, data) => Buffer.concat([head, data])),
    envelope: (change, topic) =>
      write(change, topic, (head, data) =>
        envelopeText({ ...change, data }, origin, head),
      ),
  };
}

async function compileForWriting(
  { id, text }: RegisteredSchema,
  fields: CustomFieldList | null,
  { autoRegister }: Pick<RegisteredWriterOptions, "autoRegister">,
): Promise<TopicSchema> {
  const head = Buffer.alloc(HEAD_BYTES);
  writeHead(head, id);
  // Only the schemas of operators need the validator, which is slow to load.
  const validate = autoRegister
    ? null
    : (await import("./validator.ts")).createValidator(text);
  return { schemaId: id, head, validate, textOf: recordWriter(text, fields) };
}

/** Sell's own text in a nested schema, a flat object in one of columns. */
function recordWriter(
  text: string,
  fields: CustomFieldList | null,
): TopicSchema["textOf"] {
  const found = columnsIn(text);
  if (found === null) return (data) => data;
  return rowWriter(found.table, fields);
}
