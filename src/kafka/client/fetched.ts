import type { IHeaders } from "kafkajs";

/** An aborted transaction, as a broker lists it beside the records of a fetch. */
export interface AbortedTransaction {
  readonly producerId: string;
  /** The offset of its first record in the partition. */
  readonly firstOffset: string;
}

/** A record batch, whose records are decoded part by part as they are asked for. */
export interface FetchedBatch {
  /** The offset that its first record had before compaction. */
  readonly baseOffset: bigint;
  /** The offset behind its last record, whether compaction has left it or not. */
  readonly nextOffset: bigint;
  /** In decimal digits; "-1" when the producer was not idempotent. */
  readonly producerId: string;
  readonly isTransactional: boolean;
  /** Its only record is the commit or abort marker of a transaction. */
  readonly isControl: boolean;
  /** Number of records that compaction has left. */
  readonly length: number;
  offsetOf(index: number): bigint;
  timestampMsOf(index: number): number;
  keyOf(index: number): Buffer | null;
  valueOf(index: number): Buffer | null;
  /** The values of a repeated name are in an array. */
  headersOf(index: number): IHeaders;
}

/** A partition in the answer to a fetch, see `repairs/protocol/fetch-decoding.ts`. */
export interface Fetched {
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly batches: readonly FetchedBatch[];
}
