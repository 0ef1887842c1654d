import type { WholeRange } from "../../../kafka/read/partition-reader.ts";
import {
  readRanges,
  type ReadContext,
} from "../../../kafka/read/read-ranges.ts";
import type { ForeignCheck } from "./foreign.ts";
import { ForeignCounter, type ForeignRecords } from "./foreign-records.ts";
import { KeyHistory } from "./history.ts";

/** The result of reading a topic. */
interface Survey {
  readonly foreign: ForeignRecords;
  /** Null when none was asked for. */
  readonly history: KeyHistory | null;
}

/** How many offsets of each partition are read when no history is asked for. */
const NEWEST = 2_000n;

/**
 * Reads a topic for records that its connector did not write: the newest of each partition, or with
 * a history of the key all of them.
 */
export async function surveyTopic(
  context: ReadContext,
  about: {
    readonly key: string;
    readonly ranges: readonly WholeRange[];
    readonly check: ForeignCheck;
    /** How many entries the history has at most; null for no history. */
    readonly most: number | null;
  },
  signal: AbortSignal,
): Promise<Survey> {
  const { key, ranges, check, most } = about;
  const counter = new ForeignCounter();
  const history = most === null ? null : new KeyHistory(most);
  const wanted = ranges
    .map((range) => {
      const from = range.to - NEWEST;
      const isCut = history === null && from > range.from;
      return isCut ? { ...range, from } : range;
    })
    .filter(({ from, to }) => from < to);
  const isWhole = wanted.every((range) =>
    ranges.some(
      ({ partition, from }) =>
        partition === range.partition && from === range.from,
    ),
  );
  await readRanges(
    context,
    wanted,
    async (records) => {
      await check.prepare(records, signal);
      for (const record of records) {
        const foreign = check.of(record);
        counter.take(record, foreign);
        if (record.key === key) history?.take(record, foreign);
      }
    },
    signal,
  );
  return { foreign: counter.result(isWhole), history };
}
