import { readdirSync, readFileSync } from "node:fs";
import { packageFolder } from "../program-folder.ts";

const folder = new URL("schemas/", packageFolder);
const GENERIC = "generic";

/** The field for what no other field can hold, as JSON text. */
export const EXTRA = "extra";

const knownTypes: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(".avsc"))
  .map((file) => file.slice(0, -".avsc".length))
  .filter((type) => type !== GENERIC)
  .sort();

/** The resource types that have a schema of their own. */
export function typesWithSchema(): readonly string[] {
  return knownTypes;
}

/** The name of the schema that records of a type are written with. */
export function schemaNameFor(type: string | null): string {
  return type !== null && knownTypes.includes(type) ? type : GENERIC;
}

/** The text of `schemas/NAME.avsc`: the fields of a record, from which the schemas of all formats are made. */
export function readRowSchema(name: string): string {
  return readFileSync(new URL(`${name}.avsc`, folder), "utf8");
}
