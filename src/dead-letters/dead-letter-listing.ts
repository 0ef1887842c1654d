import type { Kafka } from "../kafka/client/kafkajs.ts";
import { partitionOf } from "../kafka/client/partition-of.ts";
import { loadRanges, readRanges } from "../kafka/read/read-ranges.ts";
import type { Clock } from "../lib/clock.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { DeadLetterReader } from "./dead-letter-reader.ts";

/** A dead letter, and what has become of it. */
export interface ListedDeadLetter extends DeadLetter {
  /** `incomplete`: chunks of an attempt that was broken off; they make no dead letter. */
  readonly state: "waiting" | "replayed" | "incomplete";
  /** When it was replayed. */
  readonly replayedAt: string | null;
}

export interface DeadLetterTopic {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly deadLetterTopic: string;
  /** Reads the dead letters of one key alone, all of which lie in one partition. */
  readonly onlyKey?: string;
}

/** Which of Sell's items to keep, and how many bytes of them at most. */
export interface Keeping {
  readonly wants: (deadLetter: DeadLetter) => boolean;
  readonly maxBytes: number;
  /** Whether to keep those of replayed dead letters too. */
  readonly replayed: boolean;
}

export interface DeadLetterListing {
  /** Oldest first. */
  readonly deadLetters: readonly ListedDeadLetter[];
  /** Sell's items of wanted dead letters, by their ids. */
  readonly items: ReadonlyMap<string, Buffer>;
  /** Whether items were left out, as there were too many bytes of them. */
  readonly isCut: boolean;
}

const NOTHING: Keeping = {
  wants: () => false,
  maxBytes: 0,
  replayed: false,
};

/** Reads the dead-letter topic up to now. Empty when there is no such topic. */
export async function listDeadLetters(
  topic: DeadLetterTopic,
  signal: AbortSignal,
  keeping: Keeping = NOTHING,
): Promise<DeadLetterListing> {
  const { onlyKey } = topic;
  const deadLetters = new Map<string, DeadLetter>();
  const replays = new Map<string, string>();
  const items = new Map<string, Buffer>();
  let bytes = 0;
  let isCut = false;
  const reader = new DeadLetterReader({
    arrived(deadLetter, item) {
      if (onlyKey !== undefined && deadLetter.key !== onlyKey) return;
      deadLetters.set(deadLetter.id, deadLetter);
      if (!keeping.wants(deadLetter)) return;
      if (items.size > 0 && bytes + item.length > keeping.maxBytes) {
        isCut = true;
        return;
      }
      items.set(deadLetter.id, Buffer.from(item));
      bytes += item.length;
    },
    replayed(id, time) {
      replays.set(id, time);
      if (keeping.replayed) return;
      bytes -= items.get(id)?.length ?? 0;
      items.delete(id);
    },
  });
  const partitions = await loadRanges(
    topic,
    (name) => name === topic.deadLetterTopic,
    signal,
  );
  const ranges =
    onlyKey === undefined
      ? partitions
      : partitions.filter(
          ({ partition }) =>
            partition === partitionOf(onlyKey, partitions.length),
        );
  await readRanges(
    topic,
    ranges,
    (records) => {
      for (const record of records) reader.read(record);
    },
    signal,
  );
  const whole = [...deadLetters.values()].map((one): ListedDeadLetter => {
    const replayedAt = replays.get(one.id) ?? null;
    const state = replayedAt === null ? "waiting" : "replayed";
    return { ...one, state, replayedAt };
  });
  const incomplete = reader.incomplete
    .filter(({ key }) => onlyKey === undefined || key === onlyKey)
    .map((one): ListedDeadLetter => {
      return { ...one, state: "incomplete", replayedAt: null };
    });
  const all = [...whole, ...incomplete].sort(byTime);
  return { deadLetters: all, items, isCut };
}

function byTime(a: DeadLetter, b: DeadLetter): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  if (a.partition !== b.partition) return a.partition - b.partition;
  return a.offset < b.offset ? -1 : 1;
}
