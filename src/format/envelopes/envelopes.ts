import { envelopeNames, type EnvelopeName } from "../names.ts";
import { change } from "./change.ts";
import { cloudevents } from "./cloudevents.ts";
import type { Envelope } from "./envelope.ts";
import { flat } from "./flat.ts";

/** All envelopes, by their names in a configuration. */
export const envelopes: Readonly<Record<EnvelopeName, Envelope>> = {
  change,
  flat,
  cloudevents,
};

/** Each envelope with what it stands for, such as `change: Debezium's fields`. */
export function envelopeWords(): string {
  return envelopeNames
    .map((name) => `${name}: ${envelopes[name].summary}`)
    .join(". ");
}
