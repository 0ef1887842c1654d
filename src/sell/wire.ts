import { isUtf8 } from "node:buffer";
import { outline } from "../json/members.ts";
import { isObject, objectIn, type JsonObject } from "../json/parsed.ts";
import { UnavailableFault } from "../pipeline/faults.ts";
import type { FailedObject, Page } from "../pipeline/ports.ts";
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
  const id = data?.["id"];
  if ((typeof id !== "string" || id === "") && typeof id !== "number")
    throw new UnavailableFault(
      `Sell's answer to a session start holds no session id: ${excerpt(body)}`,
    );
  const queues = data?.["queues"];
  const main = (Array.isArray(queues) ? queues : [])
    .map((queue: unknown) => objectIn(queue, "data"))
    .find((queue) => queue?.["name"] === "main");
  return {
    id: String(id),
    pages: countIn(main, "pages"),
    totalCount: countIn(main, "total_count"),
  };
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
  const page = parse(body);
  const items = isObject(page) ? page["items"] : undefined;
  if (!Array.isArray(items))
    throw new UnavailableFault(
      `Sell's answer is no page of a queue, "items" is missing: ${excerpt(body)}`,
    );
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

function failedObjectsIn(value: unknown): FailedObject[] {
  if (!Array.isArray(value)) return [];
  return value.map((failed: unknown) => {
    const { type, id } = isObject(failed) ? failed : {};
    return {
      type: typeof type === "string" ? type : "unknown",
      id: typeof id === "string" || typeof id === "number" ? String(id) : "-",
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
  return typeof member === "number" && member >= 0 ? member : null;
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
