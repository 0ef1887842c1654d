import type { AbortedTransaction } from "../client/cluster.ts";

interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  /** A commit or abort marker of a transaction. */
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

/** Version and type of an abort marker, big-endian. */
const ABORT = 0x0000_0000;

/**
 * Yields the records of a fetch that a read_committed consumer sees. Several aborted transactions
 * may be open at one offset, and brokers list them in the order of their ends: the filter of
 * kafkajs lets some of their records through then.
 */
export function* withoutAborted<T extends FetchedMessage>(
  messages: Iterable<T>,
  aborted: readonly AbortedTransaction[],
): Generator<T> {
  const upcoming = aborted
    .map(({ producerId, firstOffset }) => ({
      producerId,
      first: BigInt(firstOffset),
    }))
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  const open = new Set<string>();
  let next = 0;
  for (const message of messages) {
    const offset = BigInt(message.offset);
    for (; (upcoming[next]?.first ?? offset + 1n) <= offset; next++)
      open.add(upcoming[next]?.producerId ?? "");
    const { producerId, inTransaction } = message.batchContext;
    if (message.isControlRecord) {
      if (message.key?.readUInt32BE(0) === ABORT) open.delete(producerId);
    } else if (!inTransaction || !open.has(producerId)) yield message;
  }
}
