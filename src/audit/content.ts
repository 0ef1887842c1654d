import { hash } from "node:crypto";
import type { AvroValues } from "../format/avro/read-values.ts";
import { schemaIdOf } from "../format/avro/read-values.ts";
import { canonicalJson } from "../json/canonical.ts";
import { members } from "../json/members.ts";
import type { Item } from "../domain/change.ts";
import type { Content } from "./ledger.ts";

const JSON_SCHEMA = 0;
/** For values that can't be read: they equal nothing that Sell says. */
const UNREADABLE = -1;

const DELETED: Content = { kind: "deleted" };

/**
 * What a record's value in Kafka says, whatever envelope and format it was written in: the three
 * envelopes are told apart by their looks. Its schema must be prepared in `avro`.
 */
export function contentInKafka(
  value: Buffer | null,
  avro: AvroValues | null,
): Content {
  if (value === null) return DELETED;
  try {
    const schema = schemaIdOf(value);
    if (schema === null) return contentOfJson(value);
    const text = avro?.read(schema, value);
    return text === null ? DELETED : live(text ?? value, schema);
  } catch {
    return live(value, UNREADABLE);
  }
}

function contentOfJson(value: Buffer): Content {
  const parsed = JSON.parse(value.toString("utf8")) as unknown;
  if (!isEnvelope(parsed)) return live(canonicalJson(value), JSON_SCHEMA);
  if (parsed.after === null) return DELETED;
  return live(canonicalJson(value, members(value).get("after")), JSON_SCHEMA);
}

function isEnvelope(value: unknown): value is { readonly after: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const { source } = value as { source?: { connector?: unknown } | null };
  return (
    source?.connector === "zendesk-sell" && "after" in value && "op" in value
  );
}

/** What Sell says of a record, in the words of the schema that Kafka's record was written with. */
export function contentInSell(
  item: Item,
  schema: number,
  avro: AvroValues | null,
): Content {
  if (item.kind === "malformed") return live(malformedText(item), JSON_SCHEMA);
  if (item.op === "d") return DELETED;
  const meaning = schema > 0 ? avro?.meaning(schema) : undefined;
  return meaning === undefined || meaning === null
    ? live(canonicalJson(item.data), JSON_SCHEMA)
    : live(meaning.ofJson(item.data), schema);
}

/** Tells whether a dead letter holds the same as an item; keys and revisions of `sync` don't count. */
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
