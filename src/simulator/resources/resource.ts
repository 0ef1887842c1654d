import type { Random } from "../random.ts";
import { cities, countries, regions, streets, tags } from "./words.ts";

/** One of Sell's resource types and the content of its records. */
export interface Resource {
  /** The value of `meta.type`. */
  readonly type: string;
  /** Its share of all records, relative to the other types. */
  readonly share: number;
  /** The most records of this type in an account. */
  readonly most?: number;
  readonly firstId: number;
  /** Returns the members of `data`, in Sell's order. */
  readonly data: (record: RecordSeed) => Readonly<Record<string, unknown>>;
}

/** The input from which one revision of one record is generated. */
export interface RecordSeed {
  readonly id: number;
  /** The record's index among the records of its type. */
  readonly indexInType: number;
  /** Random values that stay the same in all revisions of the record. */
  readonly fixed: Random;
  /** Random values that are new in each revision. */
  readonly varying: Random;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Returns the id of some record of a type; null in an account without one. */
  readonly link: (type: string) => number | null;
  /** Returns `custom_fields` by the names that the fields have now. */
  readonly customFields: (
    values: Readonly<Record<string, unknown>>,
  ) => Record<string, unknown>;
  /** Returns a record of a type as Sell embeds it in others; null when there is none. */
  readonly embedded: (
    type: string,
    indexInType: number,
  ) => Readonly<Record<string, unknown>> | null;
}

/** Returns a number that JSON.stringify writes with exactly these digits, such as `1.0` or one beyond 2^53. */
export function exactNumber(digits: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(
    digits,
  );
}

export function stamps({ createdAt, updatedAt }: RecordSeed) {
  return { created_at: createdAt, updated_at: updatedAt };
}

export function madeBy({ link }: RecordSeed) {
  return { creator_id: link("user") };
}

/** Links the record to another one of one of the given types. */
export function about(
  { fixed, link }: RecordSeed,
  types: readonly [string, ...string[]],
) {
  const type = fixed.pick(types);
  return { resource_type: type, resource_id: link(type) };
}

export function address({ fixed }: RecordSeed) {
  return {
    line1: fixed.pick(streets),
    city: fixed.pick(cities),
    postal_code: fixed.chance(0.8) ? String(fixed.integer(10_000, 99_999)) : "",
    state: fixed.chance(0.3) ? "CA" : null,
    country: fixed.pick(countries),
  };
}

export function someTags({ varying }: RecordSeed): string[] {
  return varying.some(tags, 0.2);
}

/** The names of custom fields are free text, so some of these are awkward on purpose. */
export function customFields(record: RecordSeed): Record<string, unknown> {
  const { fixed, varying } = record;
  return record.customFields({
    Region: varying.pick(regions),
    "Very_Complicated.CustomField": fixed.chance(0.5) ? "x.y" : null,
    ";1234": varying.chance(0.5),
    "Größe (cm)": exactNumber(`${fixed.integer(1, 250)}.0`),
    'Said "yes"?': varying.some(["price", "quality", "speed"], 0.5),
    "Legacy id": exactNumber(`90071992547409${fixed.integer(10, 99)}3`),
    ...(fixed.chance(0.3) && { "Delivery address": address(record) }),
    ...(fixed.chance(0.1) && { 日本語: "はい" }),
  });
}

export function dateOf(timestamp: string): string {
  return timestamp.slice(0, 10);
}

/** Sell sends whole amounts as integers, and others as strings with two decimal places. */
export function money({ varying }: RecordSeed): unknown {
  const cents = varying.integer(100, 90_000_000);
  return varying.chance(0.5)
    ? Math.floor(cents / 100)
    : (cents / 100).toFixed(2);
}
