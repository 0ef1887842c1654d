import { v5 as uuidV5 } from "uuid";
import type { Change } from "../domain/change.ts";
import type { Origin, Payload } from "./encoder.ts";
import { headerText, sellHeaders } from "./headers.ts";
import type { ValueFormat } from "./values.ts";

export type EnvelopeName = "change" | "flat" | "cloudevents";

/** Makes the records for one change; one that is a delete may take two. */
export type Envelope = (change: Change, topic: string) => readonly Payload[];

export interface EnvelopeOptions {
  readonly values: ValueFormat;
  readonly origin: Origin;
  /** Whether a null value follows the delete of a `change` envelope. */
  readonly tombstones: boolean;
}

export const envelopes: Readonly<
  Record<EnvelopeName, (options: EnvelopeOptions) => Envelope>
> = { change: changeEnvelope, flat: flatEnvelope, cloudevents: cloudEvents };

/** Debezium's envelope, with a tombstone behind each delete for compacted topics. */
function changeEnvelope(options: EnvelopeOptions): Envelope {
  const { values, origin, tombstones } = options;
  return (change, topic) => {
    const headers = sellHeaders(change, origin.connectorName);
    const value = values.envelope(change, topic);
    return change.op === "d" && tombstones
      ? [
          { value, headers },
          { value: null, headers },
        ]
      : [{ value, headers }];
  };
}

/** The record alone; a delete is nothing but its tombstone. */
function flatEnvelope({ values, origin }: EnvelopeOptions): Envelope {
  return (change, topic) => [
    {
      value: change.op === "d" ? null : values.row(change, topic),
      headers: sellHeaders(change, origin.connectorName),
    },
  ];
}

const opNames = { c: "created", u: "updated", d: "deleted" } as const;

/** The namespace of the ids that events get when Sell sent no ack key that fits a header. */
const EVENT_NAMESPACE = "0b1f6a52-7a34-5e0c-8f0e-2f5f3a0d9c11";

/** CloudEvents 1.0 in the binary mode of its Kafka binding: attributes as headers, the record as value. */
function cloudEvents({ values, origin }: EnvelopeOptions): Envelope {
  return (change, topic) => {
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
          ...(value !== null && { "content-type": values.contentType }),
          ...(schema !== null && { ce_dataschema: schema }),
        }),
      },
    ];
  };
}

/** Two events never share an id, so a key that a header would cut is none. */
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
