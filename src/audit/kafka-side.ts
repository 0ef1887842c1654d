import { partitionId } from "../kafka/client/partition-of.ts";
import type { Kafka } from "../kafka/client/kafkajs.ts";
import { schemaIdOf, type AvroValues } from "../format/avro/read-values.ts";
import {
  retryRead,
  loadRanges,
  readRanges,
} from "../kafka/read/read-ranges.ts";
import type { Router } from "../publish/router.ts";
import {
  headerOf,
  type WholeRange,
  type StoredRecord,
} from "../kafka/read/partition-reader.ts";
import type { Clock } from "../lib/clock.ts";
import { contentInKafka } from "./content.ts";
import type { InKafka, Ledger } from "./ledger.ts";
import type { Progress } from "./progress.ts";
import type { WaitingLetters } from "./waiting-letters.ts";

export interface KafkaSideOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly router: Router;
  readonly deadLetterTopic: string;
  /** Null without a registry. */
  readonly avro: AvroValues | null;
  readonly ledger: Ledger;
  readonly letters: WaitingLetters;
  readonly progress: Progress;
}

/** Reads what Kafka holds into the ledger: all of it at first, then what has come since. */
export class KafkaSide {
  readonly #options: KafkaSideOptions;
  readonly #read = new Map<string, bigint>();
  records = 0;

  constructor(options: KafkaSideOptions) {
    this.#options = options;
  }

  /** Reads up to now. `onlyOpen` leaves alone what is judged already, or was never met. */
  async catchUp(onlyOpen: boolean, signal: AbortSignal): Promise<void> {
    const { clock, router, deadLetterTopic, progress } = this.#options;
    const isWanted = (topic: string) =>
      topic === deadLetterTopic || router.isTarget(topic);
    const everything = await retryRead(
      clock,
      () => loadRanges(this.#options, isWanted, signal),
      signal,
    );
    const ranges = everything
      .map((range) => ({
        ...range,
        from: this.#read.get(partitionId(range)) ?? range.from,
      }))
      .filter(({ from, to }) => from < to);
    progress.began("reading Kafka", lengthOf(ranges));
    await readRanges(
      this.#options,
      ranges,
      (records) => this.#take(records, onlyOpen, signal),
      signal,
    );
    for (const range of ranges) this.#read.set(partitionId(range), range.to);
  }

  async #take(
    records: readonly StoredRecord[],
    onlyOpen: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { deadLetterTopic, letters, ledger, avro, progress } = this.#options;
    progress.advanced(records.length);
    if (records[0]?.topic === deadLetterTopic) {
      letters.take(records);
      return;
    }
    this.records += records.length;
    // Of one key only the newest counts.
    const newest = new Map<string, StoredRecord>();
    for (const record of records) newest.set(keyOf(record), record);
    const schemas = new Set<number>();
    for (const { value } of newest.values()) {
      const schema = value === null ? null : schemaIdOf(value);
      if (schema !== null) schemas.add(schema);
    }
    await avro?.prepare(schemas, signal);
    const states = [...newest].map(([key, record]): InKafka => {
      const { topic, partition, offset, value } = record;
      const content = contentInKafka(value, avro);
      const revision = headerOf(record, "sell.revision");
      return { topic, key, content, partition, offset, revision };
    });
    ledger.noteKafka(
      onlyOpen ? states.filter((state) => ledger.isOpen(state)) : states,
    );
  }
}

/** A record without a key is one of its own. */
function keyOf({ key, partition, offset }: StoredRecord): string {
  return key === "" ? `(no key) ${partition}/${offset}` : key;
}

function lengthOf(ranges: readonly WholeRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + Number(to - from), 0);
}
