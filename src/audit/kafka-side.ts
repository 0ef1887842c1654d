import { partitionId } from "../kafka/client/partition-of.ts";
import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { ValueReaders } from "../format/schema-registry/value-readers.ts";
import {
  retryRead,
  loadRanges,
  readRanges,
} from "../kafka/read/read-ranges.ts";
import type { Router } from "../publish/topics/router.ts";
import {
  headerOf,
  type WholeRange,
  type StoredRecord,
} from "../kafka/read/partition-reader.ts";
import type { Clock } from "../lib/clock.ts";
import { cutText } from "../lib/text/cut-text.ts";
import { contentInKafka } from "./content.ts";
import type { Ledger } from "./ledger.ts";
import type { InKafka } from "./ledger-entry.ts";
import { OffsetCount } from "./offset-count.ts";
import type { Progress } from "./progress.ts";
import type { WaitingDeadLetters } from "./waiting-dead-letters.ts";

export interface KafkaSideOptions {
  readonly connectorName: string;
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly router: Router;
  readonly deadLetterTopic: string;
  readonly readers: ValueReaders;
  readonly ledger: Ledger;
  readonly deadLetters: WaitingDeadLetters;
  readonly progress: Progress;
}

/** Another program may write a name of any length. */
const LONGEST_NAME_BYTES = 200;

/** The offset behind the last record of each partition, by topic. */
export type EndOffsets = Readonly<
  Record<string, { readonly endOffsets: Readonly<Record<string, number>> }>
>;

/** Reads Kafka's records into the ledger: all of them at first, then those written since. */
export class KafkaSide {
  readonly #options: KafkaSideOptions;
  /** The offsets that were read so far, by partition. */
  readonly #read = new Map<string, WholeRange>();
  /** Records read, without those of the dead-letter topic. */
  records = 0;

  constructor(options: KafkaSideOptions) {
    this.#options = options;
  }

  /** Reads up to the newest record. `onlyOpen` leaves out records that are judged or were not seen before. */
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
        from: this.#read.get(partitionId(range))?.to ?? range.from,
      }))
      .filter(({ from, to }) => from < to);
    const total = lengthOf(ranges);
    progress.began({
      ...{ name: "reading Kafka", unit: "offsets", durationMs: null },
      total,
    });
    const offsets = new OffsetCount(ranges);
    await readRanges(
      this.#options,
      ranges,
      (records) => {
        progress.advanced(offsets.take(records));
        return this.#take(records, onlyOpen, signal);
      },
      signal,
    );
    progress.advanced(total - offsets.done);
    for (const range of everything) this.#read.set(partitionId(range), range);
  }

  /** Up to where each topic was read. */
  get topics(): EndOffsets {
    const byTopic = Map.groupBy(this.#read.values(), ({ topic }) => topic);
    const sorted = [...byTopic].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      sorted.map(([topic, ranges]) => {
        const ends = ranges.map(
          ({ partition, to }) => [partition, Number(to)] as const,
        );
        return [topic, { endOffsets: Object.fromEntries(ends) }] as const;
      }),
    );
  }

  async #take(
    records: readonly StoredRecord[],
    onlyOpen: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { deadLetterTopic, deadLetters, ledger, readers } = this.#options;
    if (records[0]?.topic === deadLetterTopic) {
      deadLetters.take(records);
      return;
    }
    this.records += records.length;
    // Only the newest record of a key counts.
    const newest = new Map<string, StoredRecord>();
    for (const record of records) newest.set(keyOf(record), record);
    const values = [...newest.values()].map(({ value }) => value);
    await readers.prepare(values, signal);
    const states = [...newest].map(([key, record]): InKafka => {
      const { topic, partition, offset, value } = record;
      const content = contentInKafka(value, readers);
      const revision = headerOf(record, "sell.revision");
      const otherConnector = this.#otherConnector(record);
      return {
        ...{ topic, key, content, partition, offset },
        ...{ revision, otherConnector },
      };
    });
    ledger.noteKafka(
      onlyOpen ? states.filter((state) => ledger.isOpen(state)) : states,
    );
  }

  #otherConnector(record: StoredRecord): string | null {
    const name = headerOf(record, "sell.connector");
    return name === null || name === this.#options.connectorName
      ? null
      : cutText(name, LONGEST_NAME_BYTES);
  }
}

/** The key in the ledger. Each record without a key gets its own. */
function keyOf({ key, partition, offset }: StoredRecord): string {
  return key === "" ? `(no key) ${partition}/${offset}` : key;
}

function lengthOf(ranges: readonly WholeRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + Number(to - from), 0);
}
