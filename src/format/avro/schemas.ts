import { LAYOUT } from "../columns/column.ts";
import { readRowSchema, schemaNameFor } from "../schema-files.ts";
import { sourceFields } from "../source.ts";
import type { ValueShape } from "../value-format.ts";

/** An Avro schema as JSON, as far as this program looks into it. */
export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | {
      readonly type: AvroSchema;
      readonly name?: string;
      readonly namespace?: string;
      readonly logicalType?: string;
      readonly precision?: number;
      readonly scale?: number;
      readonly fields?: readonly AvroField[];
      readonly items?: AvroSchema;
      readonly values?: AvroSchema;
    };

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly default?: unknown;
}

/** Whether a record has the fields of `schemas/generic.avsc`, which hold a record as its JSON text. */
export function isGeneric(fields: readonly AvroField[]): boolean {
  return fields.map(({ name }) => name).join() === "id,data";
}

/** Whether the fields of a record schema are columns. */
export function isOfColumns(schema: AvroSchema): boolean {
  return typeof schema === "object" && LAYOUT in schema;
}

/** The schema's JSON text for values of a type; the generic one for a type that has none of its own. */
export function schemaText(type: string | null, shape: ValueShape): string {
  const name = schemaNameFor(type);
  const text = readRowSchema(name);
  const row = JSON.parse(text) as RowSchema;
  return shape === "row" ? text : JSON.stringify(envelopeOf(name, row));
}

/** A record schema of a row, as far as an envelope needs it. */
export interface RowSchema {
  readonly name: string;
  readonly doc: string;
  readonly fields: readonly AvroField[];
}

/** Debezium's envelope around a row, with the names by which `ExtractNewRecordState` knows them. */
export function envelopeOf(type: string, row: RowSchema): AvroSchema {
  const namespace = `com.zendesk.sell.${type}`;
  return {
    type: "record",
    name: "Envelope",
    namespace,
    fields: [
      nullable("before", { ...row, type: "record", name: "Value", namespace }),
      nullable("after", `${namespace}.Value`),
      {
        name: "source",
        type: {
          type: "record",
          name: "Source",
          fields: sourceFields.map(({ isNullable, ...field }) =>
            isNullable ? nullable(field.name, field.type) : field,
          ),
        },
      },
      { name: "op", type: "string" },
      { name: "ts_ms", type: "long" },
    ],
  };
}

function nullable(name: string, type: AvroSchema): AvroField {
  return { name, type: ["null", type], default: null };
}
