/** A transaction that was aborted, as a broker names it beside the records of a fetch. */
export interface AbortedTransaction {
  readonly producerId: string;
  /** Of its first record in the partition. */
  readonly firstOffset: string;
}

interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  /** A transaction's marker: commit or abort. */
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

/** Version and type of an abort marker, big-endian. */
const ABORT = 0x0000_0000;

/**
 * The records of a fetch that a read_committed consumer sees. Brokers name aborted transactions
 * in the order in which they ended, and several may be open at one offset: kafkajs's own filter
 * lets records of theirs through then.
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
