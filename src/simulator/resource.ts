import type { Random } from "./random.ts";
import { cities, countries, regions, streets, tags } from "./words.ts";

/** One of Sell's resource types, and how its records look. */
export interface Resource {
  /** As in `meta.type`. */
  readonly type: string;
  /** Its part of all records, relative to the other types. */
  readonly share: number;
  /** The most records that an account has of it. */
  readonly most?: number;
  readonly firstId: number;
  /** The members of `data`, in Sell's order. */
  readonly data: (record: RecordSeed) => Readonly<Record<string, unknown>>;
}

/** What one state of one record is made from. */
export interface RecordSeed {
  readonly id: number;
  /** The record's place among those of its type, from 0. */
  readonly place: number;
  /** Chance that is the same in all states of the record. */
  readonly fixed: Random;
  /** Chance that is new in each state. */
  readonly varying: Random;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The id of some record of that type; null in an account without one. */
  readonly link: (type: string) => number | null;
  /** The record of that type at a place, as Sell embeds it; null when there is none. */
  readonly embedded: (
    type: string,
    place: number,
  ) => Readonly<Record<string, unknown>> | null;
}

/** A number whose digits are written as they stand, such as `1.0`, or one beyond 2^53. */
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

/** Custom fields go by their display names, and people name them as they like. */
export function customFields(record: RecordSeed): Record<string, unknown> {
  const { fixed, varying } = record;
  return {
    Region: varying.pick(regions),
    "Very_Complicated.CustomField": fixed.chance(0.5) ? "x.y" : null,
    ";1234": varying.chance(0.5),
    "Größe (cm)": exactNumber(`${fixed.integer(1, 250)}.0`),
    'Said "yes"?': varying.some(["price", "quality", "speed"], 0.5),
    "Legacy id": exactNumber(`90071992547409${fixed.integer(10, 99)}3`),
    ...(fixed.chance(0.3) && { "Delivery address": address(record) }),
    ...(fixed.chance(0.1) && { 日本語: "はい" }),
  };
}

export function dateOf(timestamp: string): string {
  return timestamp.slice(0, 10);
}

/** Whole amounts are integers in Sell's answers, others strings with two decimal places. */
export function money({ varying }: RecordSeed): unknown {
  const cents = varying.integer(100, 90_000_000);
  return varying.chance(0.5)
    ? Math.floor(cents / 100)
    : (cents / 100).toFixed(2);
}
