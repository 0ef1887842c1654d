import type { Kafka } from "../kafka/client/kafkajs.ts";
import { partitionId, partitionOf } from "../kafka/client/partition-of.ts";
import { loadRanges, readRanges } from "../kafka/read/read-ranges.ts";
import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import type { Change } from "../domain/change.ts";
import type { Clock } from "../lib/clock.ts";
import type { Letter } from "./letter.ts";

/** Where a record belongs. */
export interface Place {
  readonly topic: string;
  readonly key: string;
}

/** The newest record of a key. */
export interface LatestState {
  readonly revision: bigint | null;
  readonly isDelete: boolean;
  readonly timeMs: number;
}

/** The newest record of each place, read from its one partition. Places without a record are missing. */
export async function latestStates(
  connection: { readonly kafka: Kafka; readonly clock: Clock },
  places: readonly Place[],
  signal: AbortSignal,
): Promise<Map<string, LatestState>> {
  const topics = new Set(places.map(({ topic }) => topic));
  const ranges = await loadRanges(
    connection,
    (topic) => topics.has(topic),
    signal,
  );
  const wanted = new Set(places.map(nameOf));
  const sizes = Map.groupBy(ranges, ({ topic }) => topic);
  const partitions = new Set(
    places.map(({ topic, key }) => {
      const count = sizes.get(topic)?.length ?? 0;
      return count === 0
        ? ""
        : partitionId({ topic, partition: partitionOf(key, count) });
    }),
  );
  const latest = new Map<string, LatestState>();
  await readRanges(
    connection,
    ranges.filter((range) => partitions.has(partitionId(range))),
    (records) => {
      for (const record of records) {
        const name = nameOf(record);
        if (wanted.has(name)) latest.set(name, stateOf(record));
      }
    },
    signal,
  );
  return latest;
}

export function nameOf({ topic, key }: Place): string {
  return `${topic}\n${key}`;
}

function stateOf(record: StoredRecord): LatestState {
  const revision = headerOf(record, "sell.revision");
  return {
    revision:
      revision !== null && /^-?\d+$/.test(revision) ? BigInt(revision) : null,
    isDelete:
      record.value === null ||
      headerOf(record, "sell.event_type") === "deleted",
    timeMs: record.timestampMs,
  };
}

/** Why a letter's change must not be published any more; null when it is newer than what the topic holds. */
export function supersededBy(
  latest: LatestState | undefined,
  change: Change,
  letter: Letter,
): string | null {
  if (latest === undefined) return null;
  const { revision, isDelete, timeMs } = latest;
  const isLater = timeMs > letter.timeMs;
  if (isDelete && isLater) return "the record has been deleted since";
  if (revision === null || change.revision === null)
    return isLater ? "a newer record was published since" : null;
  return revision >= BigInt(change.revision)
    ? `the topic holds revision ${revision}, and this is ${change.revision}`
    : null;
}

/** What the topic holds of a record once a letter of it is published. */
export function stateAfter({
  letter,
  change: { revision, op },
}: {
  readonly letter: Letter;
  readonly change: Change;
}): LatestState {
  return {
    revision: revision === null ? null : BigInt(revision),
    isDelete: op === "d",
    timeMs: letter.timeMs,
  };
}
