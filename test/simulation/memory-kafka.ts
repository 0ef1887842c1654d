import { TypeFault } from "../../src/pipeline/faults.ts";
import type { KafkaRecord, Writer } from "../../src/kafka/producer.ts";
import type { Topics } from "../../src/kafka/topics.ts";
import type { Chances } from "./chances.ts";
import type { Life, Schedule } from "./schedule.ts";

/** A record as it lies in a partition, and which life of the connector wrote it. */
export interface StoredRecord extends KafkaRecord {
  readonly life: number;
}

const LARGEST_RECORD_BYTES = 2_000;
const PARTITIONS = 2;

/**
 * The brokers: partitions that take a write each whole or not at all, and fail in every way
 * that leaves a writer in doubt. They outlive the connector.
 */
export class MemoryKafka {
  readonly partitions = new Map<string, StoredRecord[]>();
  readonly #schedule: Schedule;
  readonly #onRecord: (
    record: StoredRecord,
    log: readonly StoredRecord[],
  ) => void;
  readonly #denied = new Set<string>();
  chances: Chances;

  constructor(
    schedule: Schedule,
    chances: Chances,
    onRecord: (record: StoredRecord, log: readonly StoredRecord[]) => void,
  ) {
    this.#schedule = schedule;
    this.chances = chances;
    this.#onRecord = onRecord;
  }

  /** Whoever was locked out may write again. */
  allowAll(): void {
    this.#denied.clear();
  }

  writer(life: Life): Writer {
    let before: Promise<unknown> = Promise.resolve();
    return {
      write: async (batches, _timestampMs, signal) => {
        const { promise: aborted, reject } = Promise.withResolvers<never>();
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
        const arrived = Promise.withResolvers<undefined>();
        const previous = before;
        before = arrived.promise;
        await Promise.race([previous, aborted]);
        await life.ask(
          `write of ${batches.flat().map(nameOf).join(" ")}`,
          () => {
            arrived.resolve(undefined);
            for (const records of batches) this.#write(records, life.number);
          },
          signal,
        );
      },
    };
  }

  topics(life: Life): Pick<Topics, "prepare" | "refused"> {
    const why = (topic: string) => new TypeFault(`no topic ${topic} for now`);
    return {
      prepare: (topics, signal) =>
        life.ask(
          `look at ${topics.join(" ")}`,
          () =>
            new Map(
              topics
                .filter(
                  (topic) =>
                    this.#denied.has(topic) ||
                    this.#schedule.random.chance(this.chances.topicAbsent),
                )
                .map((topic) => [topic, why(topic)]),
            ),
          signal,
        ),
      // Some of the time the topic is there after all, and the write is tried again.
      refused: (topic) =>
        Promise.resolve(this.#schedule.random.chance(0.3) ? null : why(topic)),
    };
  }

  #write(records: readonly KafkaRecord[], life: number): void {
    const { random } = this.#schedule;
    if (random.chance(this.chances.writeUnsent)) throw brokerError("NETWORK");
    const groups = Map.groupBy(records, placeOf);
    let error: Error | null = null;
    for (const [place, ofPlace] of random.shuffled([...groups])) {
      const topic = ofPlace[0]?.topic ?? "";
      if (random.chance(this.chances.topicRefused)) {
        if (this.#denied.has(topic)) this.#denied.delete(topic);
        else this.#denied.add(topic);
      }
      if (this.#denied.has(topic))
        error ??= brokerError("TOPIC_AUTHORIZATION_FAILED");
      else if (ofPlace.some(isTooLarge))
        error ??= brokerError("MESSAGE_TOO_LARGE");
      else if (random.chance(this.chances.writePartial))
        error ??= brokerError("NOT_ENOUGH_REPLICAS");
      else this.#append(place, ofPlace, life);
    }
    if (error !== null) throw error;
    if (random.chance(this.chances.writeUnconfirmed))
      throw brokerError("REQUEST_TIMED_OUT");
  }

  #append(place: string, records: readonly KafkaRecord[], life: number): void {
    const log = this.partitions.get(place) ?? [];
    this.partitions.set(place, log);
    for (const record of records) {
      const stored = { ...record, life };
      this.#onRecord(stored, log);
      log.push(stored);
    }
  }
}

function placeOf({ topic, key }: KafkaRecord): string {
  let hash = 0;
  for (const char of key) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return `${topic} ${hash % PARTITIONS}`;
}

function nameOf({ topic, headers, value }: KafkaRecord): string {
  const key = headers["sell.ack_key"] ?? "-";
  const chunk = headers["chunk.index"];
  return `${topic}:${key}${value === null ? "!" : ""}${chunk === undefined ? "" : `#${chunk}`}`;
}

function isTooLarge({ value, topic }: KafkaRecord): boolean {
  const limit = topic === "dead" ? LARGEST_RECORD_BYTES : 1_000;
  return (value?.length ?? 0) > limit;
}

function brokerError(type: string): Error {
  return Object.assign(new Error(type), { type });
}
