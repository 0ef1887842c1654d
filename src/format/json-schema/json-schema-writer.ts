import type { Change } from "../../domain/change.ts";
import { envelopeText } from "../json/json-text.ts";
import { HEAD_BYTES, writeHead } from "../schema-registry/frame.ts";
import type { RegisteredSchema } from "../schema-registry/schema.ts";
import { TopicSchemas } from "../schema-registry/topic-schemas.ts";
import type {
  RegisteredWriterOptions,
  SchemaSet,
  ValueWriter,
} from "../value-format.ts";
import type { Validate } from "./validator.ts";

/** What the values of one topic are written with. */
interface TopicSchema {
  readonly schemaId: number;
  /** The bytes before each text. */
  readonly head: Buffer;
  /** Null for a schema of this program, which takes every text. */
  readonly validate: Validate | null;
}

export function jsonSchemaWriter(
  options: RegisteredWriterOptions,
  schemas: SchemaSet,
): ValueWriter {
  const { registry, origin, autoRegister } = options;
  const topics = new TopicSchemas<TopicSchema>({
    ...options,
    schemas,
    compile: (schema) => compileForWriting(schema, !autoRegister),
  });

  const write = (
    change: Change,
    topic: string,
    textAfter: (head: Buffer) => Buffer,
  ) => {
    const { head, validate } = topics.of(topic);
    const value = textAfter(head);
    const misfit = validate?.(value.subarray(HEAD_BYTES)) ?? null;
    if (misfit !== null)
      throw topics.misfit(
        topic,
        `a ${change.type} record does not fit its schema: ${misfit}`,
        "that accepts it",
      );
    return value;
  };

  return {
    schemaUrl: (topic) => registry.schemaUrl(topics.of(topic).schemaId),
    prepare: (type, topic, signal) => topics.prepare(type, topic, signal),
    row: (change, topic) =>
      write(change, topic, (head) => Buffer.concat([head, change.data])),
    envelope: (change, topic) =>
      write(change, topic, (head) => envelopeText(change, origin, head)),
  };
}

async function compileForWriting(
  { id, text }: RegisteredSchema,
  isForeign: boolean,
): Promise<TopicSchema> {
  const head = Buffer.alloc(HEAD_BYTES);
  writeHead(head, id);
  // Only the schemas of operators need the validator, which is slow to load.
  const validate = isForeign
    ? (await import("./validator.ts")).createValidator(text)
    : null;
  return { schemaId: id, head, validate };
}
