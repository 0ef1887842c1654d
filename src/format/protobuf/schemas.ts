import type { AvroField, AvroSchema } from "../avro/schemas.ts";
import { EXTRA, readRowSchema, schemaNameFor } from "../schema-files.ts";
import { sourceFields } from "../source.ts";
import type { ValueShape } from "../value-format.ts";
import { fieldNumbers, type FieldNumbers } from "./field-numbers.ts";

/** Each type has a package of its own, so that one program can use the messages of all types. */
const PACKAGE = "com.zendesk.sell";
export const TIMESTAMP = "google.protobuf.Timestamp";
const DESCRIPTORS = "google.protobuf.FieldOptions";

/** A message before its fields have numbers. */
export interface Message {
  readonly name: string;
  /** The name under which `protobuf-numbers.json` has its numbers. */
  readonly key: string;
  readonly doc?: string | undefined;
  readonly fields: readonly Field[];
  readonly nested: readonly Message[];
}

export interface Field {
  readonly name: string;
  /** The words before the name, such as `optional int64`. */
  readonly type: string;
  readonly doc?: string | undefined;
  /** The text behind the number, such as `[deprecated = true]`. */
  readonly options?: string | undefined;
}

export type NumbersOf = (message: string) => FieldNumbers;

/**
 * The .proto text for values of a type. A value's own message comes first, so that its index is 0;
 * the messages have the names by which Debezium's transforms know them.
 */
export function protoText(
  type: string | null,
  shape: ValueShape,
  numbersOf: NumbersOf = fieldNumbers,
): string {
  const name = schemaNameFor(type);
  return fileText(name, shape, rowMessage(name), numbersOf);
}

/** The .proto text for values that hold a row of a type; `tail` comes behind its messages. */
export function fileText(
  name: string,
  shape: ValueShape,
  row: Message,
  numbersOf: NumbersOf,
  tail: readonly string[] = [],
): string {
  const first = shape === "row" ? row : envelopeAround(row);
  const body = [...linesOf(first, numbersOf), ...tail].join("\n");
  const imported = [...imports]
    .filter(([used]) => body.includes(used))
    .map(([, file]) => `import "${file}";\n`)
    .join("");
  const gap = imported === "" ? "" : "\n";
  return `syntax = "proto3";\n\npackage ${PACKAGE}.${name};\n\n${imported}${gap}${body}\n`;
}

/** Google's files, by what is used of them. */
const imports: ReadonlyMap<string, string> = new Map([
  [DESCRIPTORS, "google/protobuf/descriptor.proto"],
  [TIMESTAMP, "google/protobuf/timestamp.proto"],
]);

/** The fields of this program's messages in a package that hold amounts, as `Message.field`. */
export function amountFields(packageName: string): ReadonlySet<string> {
  const name = typeOfPackage(packageName);
  if (name === null) return new Set();
  const row = rowMessage(name);
  return new Set(
    [row, ...row.nested].flatMap((message) =>
      message.fields
        .filter(({ doc }) => doc === AMOUNT)
        .map((field) => `${message.name}.${field.name}`),
    ),
  );
}

/** The type whose records a package is for; null for a package of others. */
export function typeOfPackage(packageName: string): string | null {
  const name = packageName.slice(PACKAGE.length + 1);
  return packageName === `${PACKAGE}.${schemaNameFor(name)}` ? name : null;
}

function envelopeAround(row: Message): Message {
  const source: Message = {
    name: "Source",
    key: "Envelope.Source",
    fields: sourceFields.map(({ name, type, isNullable }) => ({
      name,
      type: `${isNullable ? "optional " : ""}${scalars.get(type) ?? type}`,
    })),
    nested: [],
  };
  return {
    name: "Envelope",
    key: "Envelope",
    doc: "A change of a record, in the fields of Debezium's envelope.",
    fields: [
      { name: "before", type: row.name },
      { name: "after", type: row.name },
      { name: "source", type: source.name },
      { name: "op", type: "string", doc: "One of c, u and d." },
      { name: "ts_ms", type: "int64" },
    ],
    nested: [row, source],
  };
}

/** The message for records of a type, with the fields of `schemas/<name>.avsc`. */
function rowMessage(name: string): Message {
  const row = JSON.parse(readRowSchema(name)) as {
    readonly doc?: string;
    readonly fields: readonly AvroField[];
  };
  const nested: Message[] = [];
  const isNullable = row.fields.some((field) => field.name === EXTRA);
  const fields = row.fields.map((field) =>
    fieldOf(field, { isNullable, typeName: name, nested }),
  );
  return { name: "Value", key: name, doc: row.doc, fields, nested };
}

interface Within {
  readonly isNullable: boolean;
  readonly typeName: string;
  /** Gets the messages of the records within. */
  readonly nested: Message[];
}

export const AMOUNT = "An amount in decimal digits, such as 1000.50.";
const TEXTS = "From names to the JSON texts of values.";

const scalars: ReadonlyMap<string, string> = new Map([
  ["string", "string"],
  ["long", "int64"],
  ["boolean", "bool"],
]);

function fieldOf(
  { name, type, doc }: AvroField & { readonly doc?: string },
  within: Within,
): Field {
  const own = type instanceof Array ? withoutNull(type) : type;
  if (typeof own !== "string" && "type" in own) {
    if (own.type === "array")
      return {
        name,
        type: `repeated ${elementType(own.items ?? "null", within)}`,
      };
    if (own.type === "map")
      return { name, type: "map<string, string>", doc: doc ?? TEXTS };
    if (own.logicalType === "decimal")
      return { name, type: "optional string", doc: AMOUNT };
  }
  const element = elementType(own, within);
  const isScalar = [...scalars.values()].includes(element);
  return {
    name,
    type: isScalar && within.isNullable ? `optional ${element}` : element,
  };
}

/** The type of a value, and of each element of a list. Adds messages to `within.nested`. */
function elementType(type: AvroSchema, within: Within): string {
  if (typeof type === "string") return scalars.get(type) ?? type;
  if (type instanceof Array) return elementType(withoutNull(type), within);
  if (type.logicalType === "timestamp-micros") return TIMESTAMP;
  if (type.type !== "record")
    throw new TypeError(
      `there is no Protobuf type for ${JSON.stringify(type)}`,
    );
  const { name = "", fields = [] } = type;
  const { nested, typeName } = within;
  const key = `${typeName}.${name}`;
  const message = { name, key, fields: [] as Field[], nested: [] };
  nested.push(message);
  message.fields.push(...fields.map((field) => fieldOf(field, within)));
  return name;
}

function withoutNull(branches: readonly AvroSchema[]): AvroSchema {
  return branches.find((branch) => branch !== "null") ?? "null";
}

/** The lines of a message's definition. Numbers of former fields are reserved. */
function linesOf(
  { name, key, doc, fields, nested }: Message,
  numbersOf: (message: string) => FieldNumbers,
): string[] {
  const numbers = numbersOf(key);
  const former = Object.keys(numbers).filter(
    (known) => !fields.some((field) => field.name === known),
  );
  const body = [
    ...former.map((known) => `reserved ${numbers[known] ?? ""};`),
    ...former.map((known) => `reserved "${known}";`),
    ...fields.flatMap((field) => {
      const number = numbers[field.name];
      if (number === undefined)
        throw new TypeError(
          `schemas/protobuf-numbers.json has no number for the field ${field.name} of ${key}`,
        );
      return [
        ...comment(field.doc),
        `${field.type} ${field.name} = ${number}${options(field)};`,
      ];
    }),
    ...nested.flatMap((message) => ["", ...linesOf(message, numbersOf)]),
  ];
  return [
    ...comment(doc),
    `message ${name} {`,
    ...body.map((line) => (line === "" ? "" : `  ${line}`)),
    "}",
  ];
}

function options({ options: own }: Field): string {
  return own === undefined ? "" : ` ${own}`;
}

function comment(doc: string | undefined): string[] {
  return doc === undefined ? [] : [`// ${doc}`];
}
