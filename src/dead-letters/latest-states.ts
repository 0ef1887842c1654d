import type { Change } from "../domain/change.ts";
import type { Kafka } from "../kafka/client/kafkajs.ts";
import { partitionId, partitionOf } from "../kafka/client/partition-of.ts";
import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import { loadRanges, readRanges } from "../kafka/read/read-ranges.ts";
import type { Clock } from "../lib/clock.ts";
import type { DeadLetter } from "./dead-letter.ts";

/** The topic and key under which a record's states lie. */
export interface TopicKey {
  readonly topic: string;
  readonly key: string;
}

/** The newest record of a key. */
export interface LatestState {
  readonly revision: bigint | null;
  /** As the header holds it. */
  readonly ackKey: string | null;
  readonly isDelete: boolean;
  readonly timeMs: number;
}

/** The newest records of keys, each read from its one partition, by `nameOf`. Keys without a record are missing. */
export async function latestStates(
  connection: { readonly kafka: Kafka; readonly clock: Clock },
  keys: readonly TopicKey[],
  signal: AbortSignal,
): Promise<Map<string, LatestState>> {
  const topics = new Set(keys.map(({ topic }) => topic));
  const ranges = await loadRanges(
    connection,
    (topic) => topics.has(topic),
    signal,
  );
  const wanted = new Set(keys.map(nameOf));
  const partitions = Map.groupBy(ranges, ({ topic }) => topic);
  const holding = new Set(
    keys.map(({ topic, key }) => {
      const count = partitions.get(topic)?.length ?? 0;
      return count === 0
        ? ""
        : partitionId({ topic, partition: partitionOf(key, count) });
    }),
  );
  const latest = new Map<string, LatestState>();
  await readRanges(
    connection,
    ranges.filter((range) => holding.has(partitionId(range))),
    (records) => {
      for (const record of records) {
        const name = nameOf(record);
        if (wanted.has(name)) latest.set(name, toState(record));
      }
    },
    signal,
  );
  return latest;
}

export function nameOf({ topic, key }: TopicKey): string {
  return `${topic}\n${key}`;
}

function toState(record: StoredRecord): LatestState {
  const revision = headerOf(record, "sell.revision");
  return {
    revision:
      revision !== null && /^-?\d+$/.test(revision) ? BigInt(revision) : null,
    ackKey: headerOf(record, "sell.ack_key"),
    isDelete:
      record.value === null ||
      headerOf(record, "sell.event_type") === "deleted",
    timeMs: record.timestampMs,
  };
}

/** Why a dead letter's change need not be published any more; null when it is newer than what the topic holds. */
export function heldInstead(
  latest: LatestState | undefined,
  change: Change,
  deadLetter: DeadLetter,
): string | null {
  if (latest === undefined) return null;
  const { revision, ackKey, isDelete, timeMs } = latest;
  if (ackKey !== null && ackKey === change.ackKey)
    return `the topic holds this very state (${ackKey})`;
  const isLater = timeMs > deadLetter.timeMs;
  if (isDelete && isLater) return "the record has been deleted since";
  if (revision === null || change.revision === null)
    return isLater ? "a newer record was published since" : null;
  return revision >= BigInt(change.revision)
    ? `the topic holds revision ${revision}, and this is ${change.revision}`
    : null;
}

/** What the topic holds of a record once the change in a dead letter of it is published. */
export function stateAfter(
  { revision, ackKey, op }: Change,
  { timeMs }: DeadLetter,
): LatestState {
  return {
    revision: revision === null ? null : BigInt(revision),
    ackKey,
    isDelete: op === "d",
    timeMs,
  };
}
