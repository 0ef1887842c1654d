import type { KafkaRecord } from "../kafka/write/producer.ts";
import { headerOf, type StoredRecord } from "../kafka/read/partition-reader.ts";
import type { Letter } from "./letter.ts";

/**
 * The record that says that a letter was replayed: in the letter's own partition, behind it,
 * under its key. No letter has its header `replay.of`.
 */
export function markOf(
  letter: Letter,
  deadLetterTopic: string,
  targetTopic: string,
  timeMs: number,
): KafkaRecord {
  const time = new Date(timeMs).toISOString();
  const { id, key, partition, headers } = letter;
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
      "replay.of": `${deadLetterTopic}/${id}`,
      "replay.to": targetTopic,
      "replay.time": time,
    },
  };
}

/** What a mark says: the letter's id, and when it was replayed. */
export function replayIn(record: StoredRecord): { id: string; time: string } {
  const [, ...id] = (headerOf(record, "replay.of") ?? "").split("/");
  return { id: id.join("/"), time: headerOf(record, "replay.time") ?? "" };
}
