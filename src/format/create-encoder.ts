import type { Change } from "../domain/change.ts";
import type { Clock } from "../lib/clock.ts";
import { learnCustomFields } from "./columns/learn.ts";
import type { Encoder, Origin } from "./encoder.ts";
import { envelopes } from "./envelopes/envelopes.ts";
import type { EnvelopeName, ValueFormatName } from "./names.ts";
import type { Registry } from "./schema-registry/registry.ts";
import type {
  ColumnsLayout,
  ValueWriter,
  WriterOptions,
} from "./value-format.ts";
import { valueFormats } from "./value-formats.ts";

export interface EncoderOptions {
  readonly envelope: EnvelopeName;
  readonly value: ValueFormatName;
  readonly tombstones: boolean;
  readonly origin: Origin;
  /** Required by formats with schemas. */
  readonly registry: Registry | null;
  readonly autoRegister: boolean;
  /** Missing or null for the nested layout. */
  readonly columns?: ColumnsLayout | null;
  /** Whether each type has a topic of its own. */
  readonly topicPerType: boolean;
  readonly clock: Clock;
}

export function createEncoder(options: EncoderOptions): Encoder {
  const { origin, tombstones, columns = null } = options;
  const envelope = envelopes[options.envelope];
  const { contentType } = valueFormats[options.value];
  const values = createWriter(options, { ...options, shape: envelope.shape });
  return {
    learn: (changes: readonly Change[], signal) =>
      columns === null
        ? Promise.resolve()
        : learnCustomFields(changes, columns.customFields, signal),
    prepare: (type, topic, signal) => values.prepare(type, topic, signal),
    encode: envelope.createEncode({ values, contentType, origin, tombstones }),
  };
}

function createWriter(
  { value, registry, autoRegister, columns = null }: EncoderOptions,
  options: WriterOptions,
): ValueWriter {
  const format = valueFormats[value];
  if (format.schemas === null) return format.createWriter(options);
  if (registry === null)
    throw new TypeError(`the value format ${value} needs a schema registry`);
  return format.createWriter({
    ...options,
    registry,
    autoRegister,
    columns,
  });
}
