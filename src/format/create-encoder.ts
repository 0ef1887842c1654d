import type { Encoder, Origin } from "./encoder.ts";
import { envelopes, type EnvelopeName } from "./envelopes.ts";
import { jsonFormat } from "./json.ts";

export interface EncoderOptions {
  readonly envelope: EnvelopeName;
  readonly tombstones: boolean;
  readonly origin: Origin;
}

export function createEncoder(options: EncoderOptions): Encoder {
  const { origin, tombstones } = options;
  const values = jsonFormat(origin);
  return {
    prepare: (type, topic, signal) => values.prepare(type, topic, signal),
    encode: envelopes[options.envelope]({ values, origin, tombstones }),
  };
}
