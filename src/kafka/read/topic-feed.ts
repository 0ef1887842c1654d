import type { Clock } from "../../lib/clock.ts";
import { CachedQuery } from "../../lib/cached-query.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import { SharedRun } from "../../lib/shared-run.ts";
import { errorTypeOf } from "../client/errors.ts";
import { SharedConnections } from "../client/shared-connections.ts";
import type { Kafka } from "../client/kafkajs.ts";
import type { TopicPartition } from "../client/partition-of.ts";
import { PartitionFeed, type PartitionSource } from "./partition-feed.ts";
import {
  fetchCommitted,
  loadOffset,
  type FetchLimits,
} from "./fetch-committed.ts";

export interface TopicFeedOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly topic: string;
  /** Returns the owner of a record, by its key. */
  readonly ownerOf: (key: string) => string;
}

/** Unpacked answers take memory, so only so many are handed out at once. */
const FETCHES_AT_ONCE = 4;

/** For so long one answer serves the small drains of all followers. */
const RECENT_MS = 1_000;

/** All share a connection: a fetch that waits for a transaction holds up the others. */
const LIMITS: FetchLimits = { maxBytes: 256 * 1024, maxWaitMs: 20 };
/** For one batch, which a broker sends whole. */
const SMALLEST: FetchLimits = { maxBytes: 1, maxWaitMs: 0 };

/** Reads a topic for many followers: each of its partitions once, over one set of connections. */
export class TopicFeed implements AsyncDisposable {
  readonly #options: TopicFeedOptions;
  readonly #connections: SharedConnections;
  readonly #fetches = new Semaphore(FETCHES_AT_ONCE);
  readonly #partitions = new Map<number, PartitionFeed>();
  readonly #closed = new AbortController();
  readonly #count = new SharedRun(() => this.#loadCount());
  readonly #recentCount: CachedQuery<number>;

  constructor(options: TopicFeedOptions) {
    this.#options = options;
    this.#connections = new SharedConnections({ ...options, atMost: 1 });
    this.#recentCount = new CachedQuery(
      () => this.#count.get(),
      RECENT_MS,
      options.clock,
    );
  }

  /** How many partitions the topic has, as the brokers say after the call. */
  countPartitions(): Promise<number> {
    return this.#count.get();
  }

  /** How many it had within the last second. */
  recentPartitionCount(signal: AbortSignal): Promise<number> {
    return this.#recentCount.get(signal);
  }

  partition(partition: number): PartitionFeed {
    const known = this.#partitions.get(partition);
    if (known !== undefined) return known;
    const source = this.#sourceOf(partition);
    const feed = new PartitionFeed(source, this.#options.ownerOf);
    this.#partitions.set(partition, feed);
    return feed;
  }

  /** True when a record with that key is known to lie at the offset; false when it may not. */
  async holds(
    partition: number,
    offset: bigint,
    key: string,
  ): Promise<boolean> {
    const at = { topic: this.#options.topic, partition };
    const span = { from: offset, to: offset + 1n };
    try {
      const { records } = await this.#fetch(at, span, SMALLEST);
      return records[0]?.key === key;
    } catch (error) {
      if (errorTypeOf(error) === "OFFSET_OUT_OF_RANGE") return false;
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error("the connector was stopped"));
    return this.#connections[Symbol.asyncDispose]();
  }

  #sourceOf(partition: number): PartitionSource {
    const at = { topic: this.#options.topic, partition };
    const { signal } = this.#closed;
    return {
      ...at,
      loadOffset: (which) =>
        this.#connections.use(
          (cluster) => loadOffset(cluster, at, which, signal),
          signal,
        ),
      fetch: (from, to) => this.#fetch(at, { from, to }, LIMITS),
    };
  }

  #fetch(
    at: TopicPartition,
    span: { readonly from: bigint; readonly to: bigint },
    limits: FetchLimits,
  ) {
    const { signal } = this.#closed;
    return this.#fetches.run(
      () =>
        this.#connections.use(
          (cluster) =>
            fetchCommitted(cluster, { ...at, ...span }, signal, limits),
          signal,
        ),
      signal,
    );
  }

  #loadCount(): Promise<number> {
    const { topic } = this.#options;
    return this.#connections.use(async (cluster) => {
      await cluster.refreshMetadata();
      return cluster.findTopicPartitionMetadata(topic).length;
    }, this.#closed.signal);
  }
}
