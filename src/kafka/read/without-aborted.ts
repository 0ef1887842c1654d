import type { AbortedTransaction, FetchedBatch } from "../client/fetched.ts";

type AbortableBatch = Pick<
  FetchedBatch,
  | "baseOffset"
  | "producerId"
  | "isTransactional"
  | "isControl"
  | "length"
  | "keyOf"
>;

/** Version and type of an abort marker, two bytes each. */
const ABORT = Buffer.alloc(4);

/**
 * Yields the batches of a fetch whose records a read_committed consumer sees. Several aborted
 * transactions may be open at one offset, and brokers list them in the order of their ends: the
 * filter of kafkajs lets some of their records through then.
 */
export function* withoutAborted<T extends AbortableBatch>(
  batches: Iterable<T>,
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
  for (const batch of batches) {
    const { baseOffset, producerId } = batch;
    for (; (upcoming[next]?.first ?? baseOffset + 1n) <= baseOffset; next++)
      open.add(upcoming[next]?.producerId ?? "");
    if (batch.isControl) {
      const marker = batch.length > 0 ? batch.keyOf(0) : null;
      if (marker?.equals(ABORT) === true) open.delete(producerId);
    } else if (!batch.isTransactional || !open.has(producerId)) yield batch;
  }
}
