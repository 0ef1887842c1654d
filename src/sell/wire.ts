import { isUtf8 } from "node:buffer";
import { excessIn, type Bounds } from "../json/extent.ts";
import { outline } from "../json/members.ts";
import { isObject, objectIn, type JsonObject } from "../json/parsed.ts";
import { UnavailableFault } from "../domain/faults.ts";
import type { FailedObject, Page } from "../domain/ports.ts";
import { decodeItem } from "./item.ts";

/** What Sell tells of a session when it starts: its id, and estimates. */
export interface SessionStart {
  readonly id: string;
  readonly pages?: number | null;
  readonly totalCount?: number | null;
}

/**
 * Parses the answer to `POST /v2/sync/start`: `{"data": {"id", "queues": [{"data": {"name",
 * "pages", "total_count"}}]}}`. Throws an UnavailableFault when it holds no session id.
 */
export function decodeSession(body: Buffer): SessionStart {
  const data = objectIn(parse(body), "data");
  const id = parseSessionId(data?.["id"], body);
  const queues = data?.["queues"];
  const main = (Array.isArray(queues) ? queues : [])
    .map((queue: unknown) => objectIn(queue, "data"))
    .find((queue) => queue?.["name"] === "main");
  return {
    id,
    pages: countIn(main, "pages"),
    totalCount: countIn(main, "total_count"),
  };
}

const LONGEST_SESSION_ID = 512;

/** The id becomes a segment of a path, so it must not hold what would change the path. */
function parseSessionId(value: unknown, body: Buffer): string {
  if (value === undefined || value === null || value === "")
    throw new UnavailableFault(
      `Sell's answer to a session start holds no session id: ${excerpt(body)}`,
    );
  const isNumber = typeof value === "number" && Number.isSafeInteger(value);
  const id = isNumber || typeof value === "string" ? String(value) : "";
  if (
    id === "" ||
    id.length > LONGEST_SESSION_ID ||
    !id.isWellFormed() ||
    /^\.{1,2}$|[\p{Cc}/\\]/u.test(id)
  )
    throw new UnavailableFault(
      `Sell's answer to a session start holds an id that can't be one: it must be 1 to ${LONGEST_SESSION_ID} characters without slashes and control characters, or a whole number up to 2^53`,
    );
  return id;
}

/** Bounds of a page. Its bytes are bounded by `sell.maxPageBytes`. */
const MOST_ITEMS = 10_000;
const MOST_VALUES = 2_000_000;
const DEEPEST = 200_000;

/** A smaller body can't need much memory once parsed, so only its items are counted. */
const SMALL_BYTES = 262_144;

function throwOnExcess(body: Buffer): void {
  if (body.length <= SMALL_BYTES) return;
  const excess = excessIn(body, {
    depth: DEEPEST,
    values: MOST_VALUES,
    secondLevelValues: MOST_ITEMS,
  });
  if (excess !== null) throw tooMuch(excess);
}

function tooMuch(excess: keyof Bounds): UnavailableFault {
  const bound = {
    depth: `is nested deeper than ${DEEPEST} levels`,
    values: `holds more than ${MOST_VALUES} JSON values`,
    secondLevelValues: `holds more than ${MOST_ITEMS} items`,
  }[excess];
  return new UnavailableFault(
    `Sell's answer is no page that can be read: it ${bound}, which no setting changes`,
  );
}

/** The members of an item lie three levels below the page. */
const ITEM_MEMBERS = 3;

/**
 * Parses a page of a queue: `{"items": [{"data", "meta": {"type", "sync": {"event_type", "ack_key",
 * "revision"}}}], "meta": {"count_left", "failed_objects"}}`. Each item becomes a change, or a
 * malformed item with the problem that it has; none is dropped. Numbers stay digit for digit.
 * Throws an UnavailableFault when the body is no such page.
 */
export function decodePage(
  body: Buffer,
  session: string,
  takenAtMs: number,
): Page {
  throwOnExcess(body);
  const page = parse(body);
  const items = isObject(page) ? page["items"] : undefined;
  if (!Array.isArray(items))
    throw new UnavailableFault(
      `Sell's answer is no page of a queue, "items" is missing: ${excerpt(body)}`,
    );
  if (items.length > MOST_ITEMS) throw tooMuch("secondLevelValues");
  const { members } = outline(body, 0, ITEM_MEMBERS);
  const positions = members.get("items")?.elements ?? [];
  const isText = isUtf8(body);
  const meta = objectIn(page, "meta");
  return {
    items: positions.map((position, index) =>
      decodeItem(items[index], body, position, {
        session,
        takenAtMs,
        isText: isText || isUtf8(body.subarray(position.start, position.end)),
      }),
    ),
    bytes: body.length,
    countLeft: countIn(meta, "count_left"),
    failedObjects: failedObjectsIn(meta?.["failed_objects"]),
  };
}

/** Failed objects beyond these are left out. */
const MOST_FAILED_OBJECTS = 10_000;
const LONGEST_NAME = 200;

function failedObjectsIn(value: unknown): FailedObject[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST_FAILED_OBJECTS).map((failed: unknown) => {
    const { type, id } = isObject(failed) ? failed : {};
    const isId = typeof id === "string" || typeof id === "number";
    return {
      type: typeof type === "string" ? type.slice(0, LONGEST_NAME) : "unknown",
      id: isId ? String(id).slice(0, LONGEST_NAME) : "-",
    };
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new UnavailableFault(`Sell's answer is not JSON: ${excerpt(body)}`, {
      cause,
    });
  }
}

function countIn(
  value: JsonObject | null | undefined,
  name: string,
): number | null {
  const member = value?.[name];
  const isCount = Number.isSafeInteger(member) && Number(member) >= 0;
  return isCount ? Number(member) : null;
}

/** Describes a body without the contents of records: enough to tell a proxy's page from Sell's. */
function excerpt(body: Buffer): string {
  if (body.length === 0) return "an empty body";
  const start = body.toString("utf8", 0, 60).trimStart();
  const kind = start.startsWith("<")
    ? "it looks like HTML"
    : "it is cut or garbled";
  return `${kind} (${body.length} bytes)`;
}
