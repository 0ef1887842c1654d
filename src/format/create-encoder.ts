import type { Clock } from "../lib/clock.ts";
import { avroFormat } from "./avro/avro.ts";
import { Registry, type RegistryOptions } from "./schema-registry/registry.ts";
import type { Encoder, Origin } from "./encoder.ts";
import { envelopes, type EnvelopeName } from "./envelopes.ts";
import { jsonFormat } from "./json.ts";
import type { ValueFormat } from "./values.ts";

export interface EncoderOptions {
  readonly envelope: EnvelopeName;
  readonly value: "json" | "avro";
  readonly tombstones: boolean;
  readonly origin: Origin;
  /** Needed for Avro. */
  readonly schemaRegistry:
    (RegistryOptions & { readonly autoRegister: boolean }) | undefined;
  /** Whether each type has a topic of its own. */
  readonly topicPerType: boolean;
  readonly clock: Clock;
}

export function createEncoder(options: EncoderOptions): Encoder {
  const { origin, tombstones, envelope } = options;
  const values = valueFormat(options);
  return {
    prepare: (type, topic, signal) => values.prepare(type, topic, signal),
    encode: envelopes[envelope]({ values, origin, tombstones }),
  };
}

function valueFormat(options: EncoderOptions): ValueFormat {
  const { value, schemaRegistry, envelope, origin } = options;
  if (value === "json" || schemaRegistry === undefined)
    return jsonFormat(origin);
  return avroFormat({
    registry: new Registry(schemaRegistry),
    autoRegister: schemaRegistry.autoRegister,
    shape: envelope === "change" ? "envelope" : "row",
    origin,
    clock: options.clock,
    topicPerType: options.topicPerType,
  });
}
