import { avroFormat } from "./avro/avro-format.ts";
import { jsonFormat } from "./json/json-format.ts";
import type {
  RegisteredFormat,
  SchemaSet,
  ValueFormat,
} from "./value-format.ts";

/** The formats whose values name a schema in the registry, by their names in a configuration. */
export const registeredFormats = {
  avro: avroFormat,
} satisfies Readonly<Record<string, RegisteredFormat>>;

/** All value formats. */
const list = { json: jsonFormat, ...registeredFormats };

export type ValueFormatName = keyof typeof list;

export const valueFormats: Readonly<Record<ValueFormatName, ValueFormat>> =
  list;

export const valueFormatNames = Object.keys(list) as ValueFormatName[];

export const registeredFormatNames = Object.keys(
  registeredFormats,
) as (keyof typeof registeredFormats)[];

/** The schemas of a format; null for one that needs no registry, and for a name that is no format. */
export function schemasOf(name: unknown): SchemaSet | null {
  const known = valueFormatNames.find((one) => one === name);
  return known === undefined ? null : valueFormats[known].schemas;
}

/** Each format with what it stands for, such as `json: Sell's own text`. */
export function valueFormatWords(): string {
  return valueFormatNames
    .map((name) => {
      const { summary, schemas } = valueFormats[name];
      return `${name}: ${summary}${schemas === null ? "" : ", which needs a schemaRegistry"}`;
    })
    .join(". ");
}
