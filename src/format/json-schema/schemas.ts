import { isGeneric, type AvroField, type AvroSchema } from "../avro/schemas.ts";
import { EXTRA, readRowSchema, schemaNameFor } from "../schema-files.ts";
import { sourceFields } from "../source.ts";
import type { ValueShape } from "../value-format.ts";

/** What is used here of JSON Schema, draft-07. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "string" | "integer" | "null";
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly $comment?: string;
}

const DRAFT = "http://json-schema.org/draft-07/schema#";

/**
 * The JSON Schema for values of a type. It accepts every text that this program writes: members of
 * a record are described, but may hold any value, since Sell may send any. With
 * `additionalProperties: {}`, registries take a schema that describes further members for
 * compatible in both directions.
 */
export function jsonSchemaText(type: string | null, shape: ValueShape): string {
  const name = schemaNameFor(type);
  const row = JSON.parse(readRowSchema(name)) as RowSchema;
  return valueSchemaText(name, shape, rowSchema(name, row));
}

/** The text of the schema for values that hold a row. */
export function valueSchemaText(
  name: string,
  shape: ValueShape,
  row: JsonSchema,
): string {
  const schema = shape === "row" ? row : envelope(name, row);
  return JSON.stringify({ $schema: DRAFT, ...schema });
}

export interface RowSchema {
  readonly doc: string;
  readonly fields: readonly AvroField[];
}

function rowSchema(name: string, { doc, fields }: RowSchema): JsonSchema {
  // Avro needs the fields of the generic schema, and `extra`; the JSON text has the members themselves.
  const members = isGeneric(fields) ? [] : fields.filter(isMember);
  const named = new Map(plainWords);
  return {
    title: `com.zendesk.sell.${name}.Value`,
    description: `${doc} The descriptions tell what Sell usually sends; each member may be missing, null or of another type.`,
    ...open(
      members.map((field) => [
        field.name,
        { description: sentence(wordsFor(field.type, named)) },
      ]),
    ),
  };
}

function envelope(name: string, row: JsonSchema): JsonSchema {
  const namespace = `com.zendesk.sell.${name}`;
  const state: JsonSchema = { $ref: "#/definitions/Value" };
  const source = sourceFields.map(({ name: member, type, isNullable }) => {
    const own: JsonSchema = { type: type === "long" ? "integer" : type };
    return [member, isNullable ? orNull(own) : own] as const;
  });
  const present = sourceFields
    .filter((field) => field.default === undefined)
    .map((field) => field.name);
  return {
    title: `${namespace}.Envelope`,
    description: "A change of a record, in the fields of Debezium's envelope.",
    ...open(
      [
        ["before", orNull(state)],
        ["after", orNull(state)],
        ["source", { title: `${namespace}.Source`, ...open(source, present) }],
        ["op", { type: "string", description: "One of c, u and d." }],
        ["ts_ms", { type: "integer" }],
      ],
      ["before", "after", "source", "op", "ts_ms"],
    ),
    definitions: { Value: row },
  };
}

/** An object that may have further members of any kind. */
export function open(
  members: readonly (readonly [string, JsonSchema])[],
  required: readonly string[] = [],
): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(members),
    ...(required.length > 0 && { required }),
    additionalProperties: {},
  };
}

/** One of two, since the validators of some registries' clients warn of a list of types. */
function orNull(schema: JsonSchema): JsonSchema {
  return { oneOf: [{ type: "null" }, schema] };
}

function isMember({ name }: AvroField): boolean {
  return name !== EXTRA;
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

/** What a field usually holds, such as `a list, each element an integer`. Adds records to `named`. */
function wordsFor(type: AvroSchema, named: Map<string, string>): string {
  if (typeof type === "string") return named.get(type) ?? "an object";
  if (type instanceof Array)
    return wordsFor(type.find((branch) => branch !== "null") ?? "null", named);
  if (type.logicalType === "timestamp-micros") return "a date and time";
  if (type.logicalType === "decimal") return "a number, or a string of one";
  if (type.type === "array")
    return `a list, each element ${wordsFor(type.items ?? "null", named)}`;
  if (type.type !== "record") return "an object";
  const members = (type.fields ?? [])
    .filter(isMember)
    .map(({ name, type: own }) => `${name} (${wordsFor(own, named)})`);
  const words = `an object of ${members.join(", ")}`;
  named.set(type.name ?? "", words);
  return words;
}

const plainWords = new Map([
  ["long", "an integer"],
  ["string", "a string"],
  ["boolean", "a boolean"],
]);
