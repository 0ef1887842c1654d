import type { StoredRecord } from "../../../kafka/read/partition-reader.ts";
import { printable } from "../../../security/printable.ts";
import { factsOf, type RecordFacts } from "./facts.ts";
import { foreignText, type Foreign } from "./foreign.ts";

/** The records of a topic that its connector did not write. */
export interface ForeignRecords {
  /** How many records of the topic were looked at. */
  readonly read: number;
  /** Whether these are all records of the topic; else the newest of each partition. */
  readonly isWhole: boolean;
  readonly count: number;
  /** The newest ones. */
  readonly examples: readonly RecordFacts[];
}

const MOST_EXAMPLES = 5;

/** Counts foreign records, and keeps a few of the newest of each partition. */
export class ForeignCounter {
  readonly #newest = new Map<number, StoredRecord[]>();
  readonly #why = new Map<StoredRecord, Foreign>();
  #read = 0;
  #count = 0;

  /** Takes the next record of a partition. */
  take(record: StoredRecord, foreign: Foreign | null): void {
    this.#read++;
    if (foreign === null) return;
    this.#count++;
    const newest = this.#newest.get(record.partition) ?? [];
    this.#newest.set(record.partition, newest);
    this.#why.set(record, foreign);
    newest.push(record);
    const oldest = newest.length > MOST_EXAMPLES ? newest.shift() : undefined;
    if (oldest !== undefined) this.#why.delete(oldest);
  }

  result(isWhole: boolean): ForeignRecords {
    const examples = [...this.#why]
      .sort(([a], [b]) => b.timestampMs - a.timestampMs)
      .slice(0, MOST_EXAMPLES)
      .map(([record, foreign]) => factsOf(record, foreign));
    return { read: this.#read, isWhole, count: this.#count, examples };
  }
}

/** Foreign records as lines for people; none when there are none. */
export function foreignLines({
  read,
  isWhole,
  count,
  examples,
}: ForeignRecords): string[] {
  const [first] = examples;
  if (first === undefined) return [];
  const among = isWhole ? `the ${read}` : `the ${read} newest`;
  const others = count - examples.length;
  return [
    "",
    `${count} of ${among} records in ${first.topic} are not of this connector:`,
    ...examples.map(
      ({ partition, offset, time, key, foreign }) =>
        `  partition ${partition} offset ${offset} of ${time ?? "-"}, key ${key === "" ? "-" : key.slice(0, 100)}: ${foreign === null ? "-" : foreignText(foreign)}`,
    ),
    ...(others > 0 ? [`  and ${others} others`] : []),
  ].map(printable);
}
