import { getHeapStatistics } from "node:v8";

/** The most bytes that V8's heap takes; in the image they follow the container's memory limit. */
const heapBytes = getHeapStatistics().heap_size_limit;

/** The most decoded bytes of pages that a process holds: as objects, pages take more than their text. */
export const mostBufferedBytes = Math.floor(heapBytes / 4);

/**
 * The most decoded bytes of a batch, of which one is published while the next one waits. Batches of
 * twice the size were no faster, and took 20 MB more whenever Kafka was slower than Sell.
 */
export const mostBatchBytes = Math.min(
  2 * 1024 * 1024,
  Math.floor(heapBytes / 32),
);
