import { readdirSync, readFileSync } from "node:fs";

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

/** What the values of a topic are written with. */
export type AvroShape = "row" | "envelope";

// The folder lies beside `src`, and beside `dist`.
const folder = new URL("../../../schemas/", import.meta.url);
const GENERIC = "generic";

const knownTypes: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(".avsc"))
  .map((file) => file.slice(0, -".avsc".length))
  .filter((type) => type !== GENERIC)
  .sort();

/** The resource types that have a schema of their own. */
export function typesWithSchema(): readonly string[] {
  return knownTypes;
}

/** The schema's JSON text for values of a type; the generic one for a type that has none of its own. */
export function schemaText(type: string | null, shape: AvroShape): string {
  const name = type !== null && knownTypes.includes(type) ? type : GENERIC;
  const text = readFileSync(new URL(`${name}.avsc`, folder), "utf8");
  return shape === "row" ? text : JSON.stringify(envelopeOf(name, text));
}

/** Debezium's envelope around a row, with the names by which `ExtractNewRecordState` knows them. */
function envelopeOf(type: string, rowText: string): AvroSchema {
  const row = JSON.parse(rowText) as { doc?: string; fields: AvroField[] };
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
        type: { type: "record", name: "Source", fields: sourceFields },
      },
      { name: "op", type: "string" },
      { name: "ts_ms", type: "long" },
    ],
  };
}

const sourceFields: readonly AvroField[] = [
  { name: "version", type: "string" },
  { name: "connector", type: "string" },
  { name: "name", type: "string" },
  nullable("ts_ms", "long"),
  { name: "type", type: "string" },
  nullable("id", "string"),
  nullable("revision", "long"),
  nullable("event_type", "string"),
  nullable("ack_key", "string"),
  { name: "session", type: "string" },
  { name: "device", type: "string" },
];

function nullable(name: string, type: AvroSchema): AvroField {
  return { name, type: ["null", type], default: null };
}
