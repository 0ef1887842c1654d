import { change } from "./change.ts";
import { cloudevents } from "./cloudevents.ts";
import type { Envelope } from "./envelope.ts";
import { flat } from "./flat.ts";

/** All envelopes, by their names in a configuration. The first is the default. */
const list = { change, flat, cloudevents } satisfies Readonly<
  Record<string, Envelope>
>;

export type EnvelopeName = keyof typeof list;

export const envelopes: Readonly<Record<EnvelopeName, Envelope>> = list;

export const envelopeNames = Object.keys(list) as EnvelopeName[];

/** Each envelope with what it stands for, such as `change: Debezium's fields`. */
export function envelopeWords(): string {
  return envelopeNames
    .map((name) => `${name}: ${envelopes[name].summary}`)
    .join(". ");
}
