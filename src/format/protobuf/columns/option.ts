import { fieldNumbers } from "../field-numbers.ts";
import { propertiesOf, type Column } from "../../columns/column.ts";

/**
 * The option of a field that says which column it is. Registries may drop comments; an option is a
 * part of the schema.
 */
export const OPTION = "sell_column";

/** The property with the type of a column whose values are texts. */
export const TYPE = "sell.column";

/**
 * The value of a column's option, in the notation of a URL's query: it has no character that a
 * .proto text would have to escape. Null for a column that the field itself tells.
 */
export function optionOf(column: Column): string | null {
  const { type } = column;
  const isText =
    type === "decimal" || type === "date" || type === "local-timestamp";
  const properties = {
    ...(isText && { [TYPE]: type }),
    ...propertiesOf(column),
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(properties))
    query.set(name, String(value));
  return query.size === 0 ? null : query.toString();
}

/** The properties in the options of a field. Registries may write an option's name in full. */
export function propertiesIn(
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(options)) {
    const own = name.replaceAll(/[()]/g, "").split(".").at(-1);
    if (own === OPTION && typeof value === "string")
      return Object.fromEntries(new URLSearchParams(value));
  }
  return {};
}

/**
 * The lines that declare the option. Each type has a number of its own, since a program may use the
 * messages of all types, and an option's number is one for all of its files. They come behind the
 * messages: clients of registries take what a file declares first for the message of its values.
 */
export function declarationOf(schemaName: string): readonly string[] {
  const number = fieldNumbers("google.protobuf.FieldOptions")[schemaName];
  if (number === undefined)
    throw new TypeError(
      `schemas/protobuf-numbers.json has no number for the option of ${schemaName}`,
    );
  return [
    "",
    "// What sell-kafka knows a column by, such as Sell's id of a custom field.",
    "extend google.protobuf.FieldOptions {",
    `  optional string ${OPTION} = ${number};`,
    "}",
  ];
}
