import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import type { KafkaRecord } from "../kafka/write/kafka-writer.ts";
import type { DeadLetter } from "./dead-letter.ts";

/** `<dead-letter topic>/<id>` of the replayed dead letter; no other record has this header. */
export const REPLAY_OF = "replay.of";
const REPLAY_TO = "replay.to";
const REPLAY_TIME = "replay.time";

/**
 * The record that says that a dead letter was replayed: in the same partition, behind it, under
 * its key.
 */
export function replayMarker(
  deadLetter: DeadLetter,
  deadLetterTopic: string,
  targetTopic: string,
  timeMs: number,
): KafkaRecord {
  const time = new Date(timeMs).toISOString();
  const { id, key, partition, headers } = deadLetter;
  const sell = Object.entries(headers).filter(
    ([name]) => name.startsWith("sell.") || name === "error.truncated",
  );
  return {
    topic: deadLetterTopic,
    partition,
    key,
    value: Buffer.from(JSON.stringify({ replayed: id, to: targetTopic, time })),
    headers: {
      ...Object.fromEntries(sell),
      [REPLAY_OF]: `${deadLetterTopic}/${id}`,
      [REPLAY_TO]: targetTopic,
      [REPLAY_TIME]: time,
    },
  };
}

/** Which dead letter a marker speaks of, and when that was replayed. */
export function parseReplayMarker(record: StoredRecord): {
  id: string;
  time: string;
} {
  const [, ...id] = (headerOf(record, REPLAY_OF) ?? "").split("/");
  return { id: id.join("/"), time: headerOf(record, REPLAY_TIME) ?? "" };
}
