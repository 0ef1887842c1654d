import type { Kafka } from "../kafka/client/kafkajs.ts";
import { partitionOf } from "../kafka/client/partition-of.ts";
import { loadRanges, readRanges } from "../kafka/read/read-ranges.ts";
import type { Clock } from "../lib/clock.ts";
import { LetterBox } from "./letter-box.ts";
import type { Letter } from "./letter.ts";

/** A letter, and what has become of it. */
export interface ListedLetter extends Letter {
  /** `incomplete`: chunks of an attempt that was broken off; they make no letter. */
  readonly state: "waiting" | "replayed" | "incomplete";
  /** When it was replayed. */
  readonly replayedAt: string | null;
}

export interface DeadLetterTopic {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly deadLetterTopic: string;
  /** Looks at the letters of one key alone, all of which lie in one partition. */
  readonly onlyKey?: string;
}

/** Which contents to keep, and how many bytes of them at most. */
export interface Keeping {
  readonly wants: (letter: Letter) => boolean;
  readonly maxBytes: number;
  /** Whether to keep those of replayed letters too. */
  readonly replayed: boolean;
}

export interface Listing {
  /** Oldest first. */
  readonly letters: readonly ListedLetter[];
  /** Contents of wanted letters. */
  readonly items: ReadonlyMap<string, Buffer>;
  /** Whether contents were left out, as there were too many bytes of them. */
  readonly isCut: boolean;
}

const NOTHING: Keeping = {
  wants: () => false,
  maxBytes: 0,
  replayed: false,
};

/** Reads the dead-letter topic up to now. Empty when there is no such topic. */
export async function readLetters(
  topic: DeadLetterTopic,
  signal: AbortSignal,
  keeping: Keeping = NOTHING,
): Promise<Listing> {
  const { onlyKey } = topic;
  const letters = new Map<string, Letter>();
  const replays = new Map<string, string>();
  const items = new Map<string, Buffer>();
  let bytes = 0;
  let isCut = false;
  const box = new LetterBox({
    arrived(letter, item) {
      if (onlyKey !== undefined && letter.key !== onlyKey) return;
      letters.set(letter.id, letter);
      if (!keeping.wants(letter)) return;
      if (items.size > 0 && bytes + item.length > keeping.maxBytes) {
        isCut = true;
        return;
      }
      items.set(letter.id, Buffer.from(item));
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
      for (const record of records) box.take(record);
    },
    signal,
  );
  const listed = [...letters.values()].map((letter): ListedLetter => {
    const replayedAt = replays.get(letter.id) ?? null;
    const state = replayedAt === null ? "waiting" : "replayed";
    return { ...letter, state, replayedAt };
  });
  const broken = box.broken
    .filter(({ letter }) => onlyKey === undefined || letter.key === onlyKey)
    .map(({ letter }): ListedLetter => {
      return { ...letter, state: "incomplete", replayedAt: null };
    });
  return { letters: [...listed, ...broken].sort(byTime), items, isCut };
}

function byTime(a: Letter, b: Letter): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  if (a.partition !== b.partition) return a.partition - b.partition;
  return a.offset < b.offset ? -1 : 1;
}
