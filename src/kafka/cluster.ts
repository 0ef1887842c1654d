import type { IHeaders, Kafka } from "kafkajs";
import type { AbortedTransaction } from "./without-aborted.ts";

interface Message {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

export interface Fetched {
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly messages: readonly Message[];
}

export interface Broker {
  findGroupCoordinator(request: {
    groupId: string;
    coordinatorType: number;
  }): Promise<unknown>;
  fetch(request: object): Promise<{
    responses: { partitions: Fetched[] }[];
  }>;
}

/** What else a broker's client can do, as far as `check` needs it. */
export interface AskedBroker extends Broker {
  findGroupCoordinator(request: {
    groupId: string;
    coordinatorType: number;
  }): Promise<{ coordinator: { nodeId: number } }>;
  addPartitionsToTxn(request: {
    transactionalId: string;
    producerId: number;
    producerEpoch: number;
    topics: { topic: string; partitions: number[] }[];
  }): Promise<unknown>;
  /** By the number of the request; null before it is connected. */
  readonly versions: Readonly<
    Record<number, { readonly maxVersion: number } | undefined>
  > | null;
  /** Sends a request that kafkajs itself does not know. */
  readonly connectionPool: {
    send<T>(protocol: {
      request: {
        apiKey: number;
        apiVersion: number;
        apiName: string;
        encode: () => Promise<object>;
      };
      response: {
        decode: (bytes: Buffer) => Promise<T>;
        parse: (answer: T) => Promise<T>;
      };
    }): Promise<T>;
  };
}

interface OffsetQuery {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
  readonly fromBeginning: boolean;
}

interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly offset: string;
  }[];
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findControllerBroker(): Promise<Broker>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(
    topic: string,
  ): readonly { readonly partitionId: number }[];
  findLeaderForPartitions(
    topic: string,
    partitions: readonly number[],
  ): Record<string, number[]>;
  fetchTopicsOffset(
    topics: readonly OffsetQuery[],
  ): Promise<readonly TopicOffsets[]>;
  findBroker(broker: { nodeId: string }): Promise<Broker>;
}

/** Of the offsets that are asked for: behind the last stable one may lie records that are committed. */
const READ_UNCOMMITTED = 0;

/** A connection of its own with the client's settings, by the factory that kafkajs keeps to itself. */
export function clusterOf(kafka: Kafka): Cluster {
  const name = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === "private:Kafka:createCluster",
  );
  if (name === undefined)
    throw new Error("this kafkajs is not 2.2.4: it makes no clusters");
  const create = (kafka as unknown as Record<symbol, unknown>)[name] as (
    options: object,
  ) => Cluster;
  return create({
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    isolationLevel: READ_UNCOMMITTED,
  });
}
