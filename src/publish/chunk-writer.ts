import { TypeFault } from "../domain/faults.ts";
import type { Outcome } from "../domain/settled.ts";
import {
  chunksOf,
  chunkSizes,
  SMALLEST_CHUNK_BYTES,
} from "./dead-letter-records.ts";
import { deferred } from "./plan.ts";
import type { Sink, WriteRefusal } from "./sink.ts";
import {
  QUIET_FAILURES,
  untilAvailable,
  type Retrying,
} from "./until-available.ts";
import type { PlannedWrite } from "./write-batches.ts";

interface ChunkWriterOptions extends Retrying {
  readonly sink: Pick<Sink, "topics" | "write">;
}

/** Writes a dead-letter record that is refused whole in chunks, and halves them until they are taken. */
export async function writeInChunks(
  { item, fate, topic, records }: PlannedWrite,
  options: ChunkWriterOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const { sink, retrying } = options;
  const [record, ...entries] = records;
  if (record === undefined) return { item, fate };
  let refused: WriteRefusal | null = null;
  let attempts = 0;
  for (const bytes of chunkSizes(record)) {
    const chunks = chunksOf(record, bytes).map((chunk) => [chunk]);
    const batches = entries.length > 0 ? [...chunks, entries] : chunks;
    do {
      refused = await untilAvailable(
        options,
        "publish",
        () => sink.write(batches, signal),
        signal,
      );
      if (refused === null) return { item, fate };
      if (refused.scope === "type") {
        const why = await sink.topics.refused(topic, refused.cause, signal);
        if (why !== null) return deferred(item, why);
        if (++attempts > QUIET_FAILURES)
          retrying("publish", refused.cause, attempts, 0);
      }
    } while (refused.scope === "type");
  }
  return deferred(item, chunksRefused(topic, refused));
}

/** The limit that Kafka's own default comes close to: large items take few chunks. */
const ROOMY_CHUNK_BYTES = 1024 * 1024;

function chunksRefused(topic: string, refused: WriteRefusal | null): TypeFault {
  return new TypeFault(
    {
      code: "dead-letters-refused",
      reason: `the dead-letter topic takes no dead letters, not even in chunks of ${SMALLEST_CHUNK_BYTES} bytes: ${refused?.reason}`,
      remedy: `raise its max.message.bytes to ${ROOMY_CHUNK_BYTES} or more`,
      subject: topic,
      neededBytes: ROOMY_CHUNK_BYTES,
    },
    { cause: refused?.cause },
  );
}
