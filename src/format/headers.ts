import type { Item } from "../domain/change.ts";
import { cutText } from "../lib/text/cut-text.ts";

type Headers = Readonly<Record<string, string>>;

/** Headers tell records apart without reading values; a longer text is whole in the value. */
const MAX_HEADER_BYTES = 1_024;
/** The header that names the headers that were cut. */
const TRUNCATED = "error.truncated";

/**
 * The headers of every record, tombstones and dead-letter records too, followed by `more`. A header
 * is left out when Sell sent no value for it. Values of more than 1 KiB are cut.
 */
export function sellHeaders(
  item: Item,
  connectorName: string,
  more: Headers = {},
): Headers {
  const { type, eventType, revision, ackKey, session } = item;
  const headers: Record<string, string> = { "sell.connector": connectorName };
  if (type !== null) headers["sell.type"] = type;
  if (eventType !== null) headers["sell.event_type"] = eventType;
  if (revision !== null) headers["sell.revision"] = String(revision);
  if (ackKey !== null) headers["sell.ack_key"] = ackKey;
  headers["sell.session"] = session;
  return fitted(Object.assign(headers, more));
}

/** A text as a header holds it: cut to 1 KiB. */
export function headerText(text: string): string {
  return cutText(text, MAX_HEADER_BYTES);
}

function fitted(headers: Record<string, string>): Headers {
  const truncated: string[] = [];
  for (const name in headers) {
    const text = headers[name] ?? "";
    const cut = headerText(text);
    if (cut === text) continue;
    headers[name] = cut;
    truncated.push(name);
  }
  if (truncated.length > 0) headers[TRUNCATED] = truncated.join();
  return headers;
}
