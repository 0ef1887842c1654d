import type { Item } from "../domain/change.ts";
import { cutText } from "../lib/cut-text.ts";

type Headers = Readonly<Record<string, string>>;

/** A header is for telling records apart without reading them: what is longer stands in the value. */
const MAX_HEADER_BYTES = 1_024;
/** Names the headers that were cut. */
const TRUNCATED = "error.truncated";

/**
 * The headers that every record carries, tombstones and dead letters too, and `more` behind them;
 * one is left out when Sell sent no such thing. Values of more than 1 KiB are cut.
 */
export function sellHeaders(
  item: Item,
  connectorName: string,
  more: Headers = {},
): Headers {
  const { type, eventType, revision, ackKey, session } = item;
  return fitted({
    "sell.connector": connectorName,
    ...(type !== null && { "sell.type": type }),
    ...(eventType !== null && { "sell.event_type": eventType }),
    ...(revision !== null && { "sell.revision": String(revision) }),
    ...(ackKey !== null && { "sell.ack_key": ackKey }),
    "sell.session": session,
    ...more,
  });
}

/** A text as it stands in a header. */
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
