import { isUtf8 } from "node:buffer";
import { hasCalendarDay } from "../json/calendar.ts";
import { members, outline, type Outline, type Span } from "../json/members.ts";
import { isObject, objectIn, textIn, type JsonObject } from "../json/parsed.ts";
import type { AckKey, Change, Item, Op } from "../domain/change.ts";

interface ItemContext {
  readonly session: string;
  readonly takenAtMs: number;
  /** Whether the item's bytes are valid UTF-8. */
  readonly isText: boolean;
}

/**
 * Decodes one item of a page: `{"data", "meta": {"type", "sync": {"event_type", "ack_key",
 * "revision"}}}`. One that can't be a change becomes a malformed item with the problem that it has.
 */
export function decodeItem(
  parsed: unknown,
  json: Buffer,
  { start, end, members: parts }: Outline,
  { session, takenAtMs, isText }: ItemContext,
): Item {
  const meta = objectIn(parsed, "meta");
  const sync = objectIn(meta, "sync");
  const data = objectIn(parsed, "data");
  const type = textIn(meta, "type");
  const ackKey = textIn(sync, "ack_key") as AckKey | null;
  const metaSpan = parts.get("meta");
  const dataSpan = parts.get("data");
  const revision = readRevision(sync?.["revision"], json, metaSpan);
  const eventType = readEventType(sync?.["event_type"], json, metaSpan);
  const id = data === null ? null : readId(data["id"], json, dataSpan);
  const item = json.subarray(start, end);
  const known = {
    type,
    id,
    ackKey,
    eventType,
    revision,
    item,
    session,
    takenAtMs,
  };

  const recordKey =
    id ?? (ackKey === null ? null : keyWithoutRevision(ackKey, revision));
  const problem = findProblem({ isText, parsed, meta, type, data, id, ackKey });
  if (
    problem !== null ||
    type === null ||
    data === null ||
    dataSpan === undefined ||
    recordKey === null
  )
    return {
      ...known,
      kind: "malformed",
      recordKey,
      problem: problem ?? "no data",
    };
  return {
    ...known,
    kind: "change",
    type,
    op: toOp(eventType),
    recordKey,
    sourceTimeMs:
      parseTime(data["updated_at"]) ?? parseTime(data["created_at"]),
    data: json.subarray(dataSpan.start, dataSpan.end),
  } satisfies Change;
}

function findProblem(seen: {
  isText: boolean;
  parsed: unknown;
  meta: JsonObject | null;
  type: string | null;
  data: JsonObject | null;
  id: string | null;
  ackKey: string | null;
}): string | null {
  if (!seen.isText) return "the item's bytes are not valid UTF-8";
  if (!isObject(seen.parsed)) return "the item is not a JSON object";
  if (seen.meta === null) return 'the item has no "meta" object';
  if (seen.type === null) return 'the item\'s "meta" names no "type"';
  if (seen.data === null) return 'the item has no "data" object';
  if (seen.id === null && seen.ackKey === null)
    return "the item has neither an id nor an acknowledgement key";
  return null;
}

/** Sell calls its event types a hint: whatever is neither a creation nor a deletion is an update. */
function toOp(eventType: string | null): Op {
  if (eventType === "created") return "c";
  return eventType === "deleted" ? "d" : "u";
}

/** A value that is no string keeps its JSON text: `JSON.stringify` fails on one that is nested too deep. */
function readEventType(
  value: unknown,
  item: Buffer,
  meta: Span | undefined,
): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string"
    ? value
    : readSyncText("event_type", item, meta);
}

/** A number keeps the digits that Sell wrote, also beyond 2^53. */
function readId(
  value: unknown,
  json: Buffer,
  data: Span | undefined,
): string | null {
  if (value === undefined || value === null || data === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number") {
    // Sell writes the id first, so the rest of the record need not be scanned.
    const usual = `{"id":${value},"`;
    const { start } = data;
    if (json.toString("latin1", start, start + usual.length) === usual)
      return String(value);
  }
  const span = members(json, data.start).get("id");
  return json.toString("utf8", span?.start, span?.end);
}

function readRevision(
  value: unknown,
  item: Buffer,
  meta: Span | undefined,
): number | bigint | null {
  if (typeof value !== "number" || !Number.isInteger(value)) return null;
  if (Number.isSafeInteger(value)) return value;
  const text = readSyncText("revision", item, meta);
  return /^-?\d+$/.test(text) ? BigInt(text) : null;
}

/** The JSON text of a member that an item's `meta.sync` has. */
function readSyncText(
  name: string,
  item: Buffer,
  meta: Span | undefined,
): string {
  const sync = members(item, meta?.start).get("sync");
  const span = members(item, sync?.start).get(name);
  return item.toString("utf8", span?.start, span?.end);
}

/** Removes the revision from a key like `Contact-1-3`. A key that does not end in it is kept whole, so that no two records share one. */
function keyWithoutRevision(
  ackKey: string,
  revision: number | bigint | null,
): string {
  const ending = `-${String(revision)}`;
  return revision !== null &&
    ackKey.length > ending.length &&
    ackKey.endsWith(ending)
    ? ackKey.slice(0, -ending.length)
    : ackKey;
}

const isoDate =
  /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Parses an ISO 8601 date or date-time to milliseconds since the epoch, as UTC when it names no zone. */
function parseTime(value: unknown): number | null {
  if (typeof value !== "string") return null;
  const match = isoDate.exec(value);
  if (match === null) return null;
  const needsZone = value.length > 10 && match[1] === undefined;
  const time = Date.parse(needsZone ? `${value}Z` : value);
  return Number.isNaN(time) || !hasCalendarDay(value) ? null : time;
}

/** Decodes one item from its bytes, to the same result as `decodePage`. */
export function decodeKeptItem(
  item: Buffer,
  when: { readonly session: string; readonly takenAtMs: number },
): Item {
  const context = { ...when, isText: isUtf8(item) };
  try {
    const parsed: unknown = JSON.parse(item.toString("utf8"));
    return decodeItem(parsed, item, outline(item, 0, 1), context);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const nothing = Buffer.from("null");
    return {
      ...decodeItem(undefined, nothing, outline(nothing, 0, 1), context),
      item,
    };
  }
}
