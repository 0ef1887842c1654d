import { isUtf8 } from "node:buffer";
import { excessIn, type Bounds } from "../json/extent.ts";
import { outline } from "../json/members.ts";
import { isObject, objectIn, type JsonObject } from "../json/parsed.ts";
import { UnavailableFault } from "../domain/faults.ts";
import type { FailedObject, Page } from "../domain/ports.ts";
import { decodeItem } from "./item.ts";

export interface SessionAnswer {
  readonly id: string;
  readonly pages: number | null;
  readonly totalCount: number | null;
}

/**
 * Reads the answer to `POST /v2/sync/start`: `{"data": {"id", "queues": [{"data": {"name",
 * "pages", "total_count"}}]}}`. Throws an UnavailableFault when it holds no session id.
 */
export function decodeSession(body: Buffer): SessionAnswer {
  const data = objectIn(parse(body), "data");
  const id = sessionIdOf(data?.["id"], body);
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

/** The id becomes one segment of a path, so one that would lead elsewhere is none. */
function sessionIdOf(value: unknown, body: Buffer): string {
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

/** A page holds at most so much; a record may have 500 fields of 64 kB each, so bytes are bounded elsewhere. */
const MOST_ITEMS = 10_000;
const MOST_VALUES = 2_000_000;
const DEEPEST = 200_000;

/** Below this, nothing that a page can hold takes much, and its items can be counted later. */
const SMALL_BYTES = 262_144;

function refuseExcess(body: Buffer): void {
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

/** The levels from a page down to the members of its items. */
const ITEM_MEMBERS = 3;

/**
 * Reads a page of a queue: `{"items": [{"data", "meta": {"type", "sync": {"event_type",
 * "ack_key", "revision"}}}], "meta": {"count_left", "failed_objects"}}`. Each item becomes a
 * change, or a malformed item that says what is wrong with it; none is dropped. Numbers are
 * kept digit for digit. Throws an UnavailableFault when the body is no such page.
 */
export function decodePage(
  body: Buffer,
  session: string,
  takenAtMs: number,
): Page {
  refuseExcess(body);
  const page = parse(body);
  const items = isObject(page) ? page["items"] : undefined;
  if (!Array.isArray(items))
    throw new UnavailableFault(
      `Sell's answer is no page of a queue, "items" is missing: ${excerpt(body)}`,
    );
  if (items.length > MOST_ITEMS) throw tooMuch("secondLevelValues");
  const outlines = outline(body, 0, ITEM_MEMBERS).members.get(
    "items",
  )?.elements;
  const isText = isUtf8(body);
  const meta = objectIn(page, "meta");
  return {
    items: (outlines ?? []).map((itsOutline, index) => {
      const { start, end } = itsOutline;
      return decodeItem(items[index], body, itsOutline, {
        session,
        takenAtMs,
        isText: isText || isUtf8(body.subarray(start, end)),
      });
    }),
    bytes: body.length,
    countLeft: countIn(meta, "count_left"),
    failedObjects: failedObjectsIn(meta?.["failed_objects"]),
  };
}

/** Of more than these it is only known that there are some. */
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

/** What an answer begins with, without the contents of records: enough to tell a proxy's page from Sell's. */
function excerpt(body: Buffer): string {
  if (body.length === 0) return "an empty body";
  const start = body.toString("utf8", 0, 60).trimStart();
  const kind = start.startsWith("<")
    ? "it looks like HTML"
    : "it is cut or garbled";
  return `${kind} (${body.length} bytes)`;
}
