import { createHash } from "node:crypto";
import { isCustom, type CustomColumn } from "../../columns/column.ts";
import type { Table } from "../../columns/table.ts";
import { fieldNumbers, type FieldNumbers } from "../field-numbers.ts";

/** The numbers for columns of custom fields: more than the fields of Sell will ever need are below. */
const FIRST = 1_000_000;
const RANGE = 32_000_000;

/**
 * The numbers of a type's columns, and of former ones. Those of Sell's fields are committed: a
 * member has the same one as in the nested layout. A column of a custom field keeps the number that
 * an earlier schema gave it.
 */
export function columnNumbers(
  schemaName: string,
  { columns }: Table,
  members: readonly string[],
  earlier: FieldNumbers,
): FieldNumbers {
  const names = new Set(columns.map(({ name }) => name));
  const committed = Object.entries(fieldNumbers(schemaName)).filter(
    ([name]) => names.has(name) || !members.includes(name),
  );
  const numbers = new Map([
    ...committed,
    ...Object.entries(fieldNumbers(`${schemaName}.columns`)),
  ]);
  for (const { name } of columns) {
    const before = earlier[name];
    if (before !== undefined && !numbers.has(name)) numbers.set(name, before);
  }
  const taken = new Set(numbers.values());
  for (const column of columns.filter(isCustom))
    if (!numbers.has(column.name)) {
      const number = freeNumber(column, taken);
      numbers.set(column.name, number);
      taken.add(number);
    }
  return Object.fromEntries(numbers);
}

/**
 * A number made of the field's id, so that two processes that meet a new field at the same time
 * give it the same one.
 */
function freeNumber(
  { type, place: { field, part } }: CustomColumn,
  taken: ReadonlySet<number>,
): number {
  const facts = JSON.stringify([field.resource, field.id, part, type]);
  const hash = createHash("sha256").update(facts).digest();
  let place = hash.readUInt32BE() % RANGE;
  while (taken.has(FIRST + place)) place = (place + 1) % RANGE;
  return FIRST + place;
}
