import type { Kafka } from "../client/kafkajs.ts";
import type { Clock } from "../../lib/clock.ts";
import {
  readCommitted,
  type PartitionRange,
  type StoredRecord,
} from "./partition-reader.ts";
import { persevere } from "./persevere.ts";
import { readFault } from "./read-fault.ts";

const PARALLEL_PARTITIONS = 4;

/** Takes some records of one partition, in their order. */
export type Take = (records: readonly StoredRecord[]) => void | Promise<void>;

export interface Connection {
  readonly kafka: Kafka;
  readonly clock: Clock;
}

/**
 * Reads every committed record of the ranges once, each partition in its order, several partitions
 * at a time. Goes on where it was when brokers fail; rejects with an UnavailableFault once several
 * attempts in a row brought nothing, with a TypeFault when a topic may not be read, or with what
 * `take` throws.
 */
export async function readRanges(
  connection: Connection,
  ranges: readonly PartitionRange[],
  take: Take,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...ranges];
  const broken = new AbortController();
  const either = AbortSignal.any([signal, broken.signal]);
  const work = async () => {
    try {
      for (let range = waiting.pop(); range; range = waiting.pop())
        await readRange(connection, range, take, either);
    } catch (error) {
      broken.abort(error);
      throw error;
    }
  };
  const workers = Array.from({ length: PARALLEL_PARTITIONS }, work);
  await Promise.allSettled(workers);
  either.throwIfAborted();
}

async function readRange(
  { kafka, clock }: Connection,
  range: PartitionRange,
  take: Take,
  signal: AbortSignal,
): Promise<void> {
  let from = range.from;
  const attempt = async (progressed: () => void) => {
    const reading = readCommitted(kafka, { ...range, from }, signal);
    try {
      for (;;) {
        const records = await nextOf(reading, range, signal);
        if (records === null) return;
        await take(records);
        from = (records.at(-1)?.offset ?? from - 1n) + 1n;
        progressed();
      }
    } finally {
      await reading.return(from);
    }
  };
  await persevere(clock, attempt, signal);
}

/** Null at the end. */
async function nextOf(
  reading: ReturnType<typeof readCommitted>,
  { topic, partition }: PartitionRange,
  signal: AbortSignal,
): Promise<readonly StoredRecord[] | null> {
  try {
    const next = await reading.next();
    return next.done === true ? null : next.value;
  } catch (cause) {
    signal.throwIfAborted();
    throw readFault(`partition ${partition} of ${topic}`, cause);
  }
}
