import { hash } from "node:crypto";
import type { Item } from "../domain/change.ts";
import { jsonReader } from "../format/json/json-reader.ts";
import { schemaIdIn } from "../format/schema-registry/frame.ts";
import type { ValueReaders } from "../format/schema-registry/value-readers.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Content } from "./ledger-entry.ts";

/** The schema of contents that are compared as plain JSON. */
const NO_SCHEMA = 0;
/** The schema of values that can't be read: they equal nothing that Sell sends. */
const UNREADABLE = -1;

const DELETED: Content = { kind: "deleted" };

/** The content of a value in Kafka, in any envelope and format. `readers` must be prepared for the value. */
export function contentInKafka(
  value: Buffer | null,
  readers: ValueReaders,
): Content {
  if (value === null) return DELETED;
  try {
    const text = readers.read(value);
    return text === null ? DELETED : live(text, schemaIdIn(value) ?? NO_SCHEMA);
  } catch {
    return live(value, UNREADABLE);
  }
}

/** The content of an item of Sell's, compared by the schema that Kafka's record was written with. */
export function contentInSell(
  item: Item,
  schema: number,
  readers: ValueReaders,
): Content {
  if (item.kind === "malformed") return live(malformedText(item), NO_SCHEMA);
  if (item.op === "d") return DELETED;
  const reader = schema > 0 ? readers.bySchema(schema) : null;
  return reader === null
    ? live(jsonReader.canonical(item.data), NO_SCHEMA)
    : live(reader.canonical(item.data), schema);
}

/** Equal for items that say the same, whatever their ack keys and revisions. */
export function fingerprintOf(item: Item): string {
  const text =
    item.kind === "malformed"
      ? malformedText(item)
      : `${item.op === "d" ? "deleted" : ""}${canonicalJson(item.data)}`;
  return hash("sha256", text, "hex");
}

function malformedText({ item }: Item): string {
  try {
    const parsed = JSON.parse(item.toString("utf8")) as {
      meta?: { sync?: unknown } | null;
    } | null;
    if (typeof parsed?.meta === "object" && parsed.meta !== null)
      delete parsed.meta.sync;
    return canonicalJson(Buffer.from(JSON.stringify(parsed)));
  } catch {
    return item.toString("latin1");
  }
}

function live(text: string | Buffer, schema: number): Content {
  const digest = hash("sha256", text, "buffer").subarray(0, 16);
  return { kind: "live", digest, schema };
}
