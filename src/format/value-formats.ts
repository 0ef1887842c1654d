import { avroFormat } from "./avro/avro-format.ts";
import { jsonFormat } from "./json/json-format.ts";
import { jsonSchemaFormat } from "./json-schema/json-schema-format.ts";
import { valueFormatNames, type ValueFormatName } from "./names.ts";
import { protobufFormat } from "./protobuf/protobuf-format.ts";
import type { SchemaSet, ValueFormat } from "./value-format.ts";

/** All value formats, by their names in a configuration. */
export const valueFormats: Readonly<Record<ValueFormatName, ValueFormat>> = {
  json: jsonFormat,
  avro: avroFormat,
  "json-schema": jsonSchemaFormat,
  protobuf: protobufFormat,
};

/** The formats whose values name a schema in the registry. */
export const registeredFormatNames = valueFormatNames.filter(
  (name) => valueFormats[name].schemas !== null,
);

/** Whether a format knows the layout `columns`, as each with schemas does. Unknown names pass, since they are wrong for another reason. */
export function hasColumns(name: unknown): boolean {
  return needsRegistry(name) || !valueFormatNames.some((one) => one === name);
}

/** The schemas of a format; null for one that needs no registry, and for a name that is no format. */
export function schemasOf(name: unknown): SchemaSet | null {
  const known = valueFormatNames.find((one) => one === name);
  return known === undefined ? null : valueFormats[known].schemas;
}

/** Whether a format's values name a schema in the registry; false for a name that is no format. */
export function needsRegistry(name: unknown): boolean {
  return schemasOf(name) !== null;
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
