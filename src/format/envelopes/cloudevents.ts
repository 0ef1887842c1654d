import { v5 as uuidV5 } from "uuid";
import type { Change } from "../../domain/change.ts";
import { headerText, sellHeaders } from "../headers.ts";
import type { Envelope } from "./envelope.ts";

const opNames = { c: "created", u: "updated", d: "deleted" } as const;

/** The namespace of the ids that events get when Sell sent no ack key that fits a header. */
const EVENT_NAMESPACE = "0b1f6a52-7a34-5e0c-8f0e-2f5f3a0d9c11";

/** CloudEvents 1.0 in the binary mode of its Kafka binding: attributes as headers, the record as value. */
export const cloudevents: Envelope = {
  summary: "CloudEvents 1.0",
  shape: "row",
  createEncode:
    ({ values, contentType, origin }) =>
    (change, topic) => {
      const value = change.op === "d" ? null : values.row(change, topic);
      const schema = value === null ? null : values.schemaUrl(topic);
      const timeMs = change.sourceTimeMs;
      return [
        {
          value,
          headers: sellHeaders(change, origin.connectorName, {
            ce_specversion: "1.0",
            ce_id: eventId(change),
            ce_type: `com.zendesk.sell.${change.type}.${opNames[change.op]}`,
            ce_source: `/zendesk-sell/${origin.connectorName}`,
            ce_subject: change.recordKey,
            ...(timeMs !== null && { ce_time: new Date(timeMs).toISOString() }),
            ...(value !== null && { "content-type": contentType }),
            ...(schema !== null && { ce_dataschema: schema }),
          }),
        },
      ];
    },
};

/** The ack key, or an id by the content: no two events share an id, so a key that a header would cut can't be one. */
function eventId(change: Change): string {
  const { ackKey } = change;
  return ackKey === null || headerText(ackKey) !== ackKey
    ? contentId(change)
    : ackKey;
}

/** The same for the same event, however often it comes. */
function contentId({ type, id, revision, data }: Change): string {
  const name = [type, id ?? "", String(revision ?? ""), data].map((part) =>
    Buffer.from(part),
  );
  return uuidV5(
    Buffer.concat(name.flatMap((part) => [part, Buffer.from("\n")])),
    EVENT_NAMESPACE,
  );
}
