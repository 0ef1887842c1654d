import { randomUUID } from "node:crypto";
import type { Change } from "../../src/domain/change.ts";
import type { CustomFields } from "../../src/domain/custom-fields.ts";
import { createEncoder } from "../../src/format/create-encoder.ts";
import {
  readRowSchema,
  typesWithSchema,
} from "../../src/format/schema-files.ts";
import { Registry } from "../../src/format/schema-registry/registry.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { parsedExactly, saysTheSame } from "../support/says-the-same.ts";
import { fuzzed, fuzzedCustomFields } from "./fuzz.ts";
import type { Reader, Target } from "./readers.ts";
import { recordOfValue } from "./record-of-value.ts";
import { RunningReader } from "./running-reader.ts";

interface FuzzedRead extends Target {
  readonly readers: readonly Reader[];
  readonly records: number;
  readonly seed: number;
}

/**
 * Has readers read fuzzed records. Fails when one of them can't read a value, or when its record
 * says something else than what was sent. Returns how many values each of them read.
 */
export async function readFuzzed(options: FuzzedRead): Promise<number> {
  await using running = new AsyncDisposableStack();
  const runs: RunningReader<Change>[] = [];
  for (const reader of options.readers) {
    const command = await reader.command(options);
    const problem = (change: Change, text: string) =>
      difference(change, text, options);
    runs.push(running.use(new RunningReader(reader.name, command, problem)));
  }
  let count = 0;
  for await (const { change, topic, value } of valuesOf(options)) {
    count++;
    const line = `${topic}\t${value.toString("base64")}\n`;
    await Promise.all(runs.map((run) => run.give(change, line)));
  }
  await Promise.all(runs.map((run) => run.finish(count)));
  return count;
}

/** The record that was sent and the value that was read, when they differ. */
function difference(
  { type, data }: Change,
  text: string,
  target: Target,
): string | null {
  const { format, layout } = target;
  const sent = data.toString();
  const isRight = saysTheSame(
    parsedExactly(sent),
    recordOfValue(text, type, target),
    {
      asDoubles: format === "json-schema",
      ...(format === "protobuf" && {
        mayBeMissing:
          layout === "nested" ? "empty lists and objects" : "empty lists",
      }),
    },
  );
  return isRight ? null : `${sent}\nis read as\n${text}`;
}

const typesWithFields = new Set(
  typesWithSchema().filter((type) =>
    readRowSchema(type).includes('"custom_fields"'),
  ),
);

const customFields: CustomFields = {
  covers: (type) => typesWithFields.has(type),
  of: (type) => (typesWithFields.has(type) ? fuzzedCustomFields : null),
  learn: () => Promise.resolve(),
};

interface Written {
  readonly change: Change;
  readonly topic: string;
  readonly value: Buffer;
}

/** The values of fuzzed changes; tombstones are left out. */
async function* valuesOf({
  registryUrl,
  format,
  layout,
  envelope,
  records,
  seed,
}: FuzzedRead): AsyncGenerator<Written> {
  const encoder = createEncoder({
    ...{ envelope, value: format, tombstones: true, topicPerType: true },
    origin: { version: "1", connectorName: "readers", device: "d" },
    registry: new Registry({ url: registryUrl }),
    autoRegister: true,
    columns:
      layout === "nested"
        ? null
        : { customFields, schemaKept: () => undefined },
    clock: systemClock,
  });
  const run = randomUUID();
  for (const change of fuzzed(records, seed)) {
    const topic = `${run}.${change.type}`;
    await encoder.prepare(change.type, topic, AbortSignal.timeout(60_000));
    for (const { value } of encoder.encode(change, topic))
      if (value !== null) yield { change, topic, value };
  }
}
