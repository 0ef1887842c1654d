import type { Item } from "../domain/change.ts";
import type { RecordFault, TypeFault } from "../domain/faults.ts";
import type { Settled } from "../domain/settled.ts";
import type { KafkaRecord } from "../kafka/write/kafka-writer.ts";

/** Why a topic takes no records: a TypeFault, or a RecordFault when it can never exist. */
export type TopicFault = TypeFault | RecordFault;

/** Knows which topics can take records. */
export interface SinkTopics {
  /**
   * Makes sure that topics can take records; returns why for those that can't. Waits for the
   * server as long as it takes; rejects with a DeniedFault or the signal's reason.
   */
  prepare(
    topics: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, TopicFault>>;

  /** A write to the topic was refused as a whole: why it takes no records, or null when it does by now. */
  refused(
    topic: string,
    error: unknown,
    signal: AbortSignal,
  ): Promise<TopicFault | null>;
}

/** For a target that takes records of every topic. */
export const anyTopic: SinkTopics = {
  prepare: () => Promise.resolve(new Map()),
  refused: () => Promise.resolve(null),
};

/**
 * Where records go. A sink writes batches; what becomes of an item is decided before, in plan.ts
 * and after-refusal.ts. Every sink passes test/publish/sink-conformance.ts.
 */
export interface Sink {
  readonly topics: SinkTopics;

  /**
   * One attempt. Resolves to null once every record is durable, or to why some record or topic is
   * refused. Rejects with an UnavailableFault (any part may have been written; the attempt is
   * repeated with the same arrays), a DeniedFault, FencedFault or RivalFault. Batches are sent one
   * after the other.
   */
  write(
    batches: readonly (readonly KafkaRecord[])[],
    signal: AbortSignal,
  ): Promise<WriteRefusal | null>;

  /** A drain has ended, `isComplete` or not: lets go of what the next one does not need. */
  rest(isComplete: boolean): Promise<void>;

  /** Nothing more is written: stores what is left, and lets go of everything. */
  close(): Promise<void>;

  /** What was settled before, where each item is written once. */
  readonly history?: History;

  /** As `Publisher.recover`. */
  recover?(signal: AbortSignal): Promise<Settled | null>;

  /** As `Publisher.ready`. */
  ready?(signal: AbortSignal): Promise<void>;
}

/** How an item was settled that a record of the history stands for. */
export type Settling = "published" | "dead-lettered" | "superseded";

/** An item that was settled before; `first` is its like in the same batch, if that is where it was. */
export interface RepeatedItem {
  readonly item: Item;
  readonly first: Item | null;
}

/** The items of a batch, in their order. */
export interface SeparatedItems {
  readonly fresh: readonly Item[];
  readonly repeated: readonly RepeatedItem[];
}

/** The items that were settled before, and the records that say so, written together with those of the items. */
export interface History {
  /** Begins a batch: tells the items that were settled before from those that were not. */
  beginBatch(items: readonly Item[]): SeparatedItems;
  /** The records that settle an item of the batch; none when it has no ack key. */
  entriesFor(item: Item, settling: Settling): readonly KafkaRecord[];
  /** Number of the latest batch: passed to `acknowledged` once Sell has accepted its keys, and all before. */
  readonly seq: number;
  acknowledged(seq: number): void;
}

/** The history of a sink that keeps none. */
export const noHistory: History = {
  beginBatch: (items) => ({ fresh: items, repeated: [] }),
  entriesFor: () => [],
  seq: 0,
  acknowledged: () => undefined,
};

/** The server does not take a record, or any record of a topic, however often it is asked. */
export interface WriteRefusal {
  readonly scope: "record" | "type";
  /** The server's own name of the cause: many records refused under one name point to their topic. */
  readonly code: string;
  readonly reason: string;
  readonly cause: unknown;
  /** Whether the size alone is refused: smaller writes may pass. */
  readonly isTooLarge: boolean;
  /** Records of the write that are durable all the same. */
  readonly written: ReadonlySet<KafkaRecord>;
}
