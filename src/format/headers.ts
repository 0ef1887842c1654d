import type { Item } from "../pipeline/change.ts";

/** The headers that every record carries, tombstones and dead letters too; one is left out when Sell sent no such thing. */
export function sellHeaders(
  item: Item,
  connectorName: string,
): Record<string, string> {
  const { type, eventType, revision, ackKey, session } = item;
  return {
    "sell.connector": connectorName,
    ...(type !== null && { "sell.type": type }),
    ...(eventType !== null && { "sell.event_type": eventType }),
    ...(revision !== null && { "sell.revision": String(revision) }),
    ...(ackKey !== null && { "sell.ack_key": ackKey }),
    "sell.session": session,
  };
}
