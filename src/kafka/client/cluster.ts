import type { Kafka } from "kafkajs";
import type { Fetched } from "./fetched.ts";
import type { TopicPartition } from "./partition-of.ts";
import type { PooledCluster } from "./repairs/kafkajs-internals.ts";

export interface ProduceRequest {
  /** Missing outside transactions. */
  readonly transactionalId?: string;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly acks: number;
  readonly timeout: number;
  readonly compression: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      /** The time of all records of the batch, in milliseconds since the epoch. */
      readonly timestamp: string;
      readonly messages: readonly ProduceMessage[];
    }[];
  }[];
}

interface ProduceMessage {
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ProduceResponse {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly errorCode: number;
      /** Negative when the broker does not tell. */
      readonly baseOffset: string;
    }[];
  }[];
}

/** A transactional producer, as its coordinator knows it. */
interface InTransaction {
  readonly transactionalId: string;
  readonly producerId: string;
  readonly producerEpoch: number;
}

export interface Broker {
  metadata(topics: readonly string[]): Promise<{
    readonly topicMetadata: readonly {
      readonly topic: string;
      readonly partitionMetadata: readonly {
        readonly partitionId: number;
        readonly leader: number;
      }[];
    }[];
  }>;
  findGroupCoordinator(request: {
    groupId: string;
    coordinatorType: number;
  }): Promise<{ coordinator: { nodeId: number } }>;
  initProducerId(request: {
    transactionalId?: string;
    transactionTimeout: number;
  }): Promise<{ producerId: string; producerEpoch: number }>;
  addPartitionsToTxn(
    request: InTransaction & {
      topics: { topic: string; partitions: number[] }[];
    },
  ): Promise<unknown>;
  endTxn(
    request: InTransaction & { transactionResult: boolean },
  ): Promise<unknown>;
  produce(request: ProduceRequest): Promise<ProduceResponse>;
  fetch(request: object): Promise<{
    responses: { partitions: Fetched[] }[];
  }>;
  listOffsets(request: {
    isolationLevel: number;
    topics: {
      topic: string;
      /** -1 is the end of the partition, -2 its beginning. */
      partitions: { partition: number; timestamp: number }[];
    }[];
  }): Promise<{
    responses: {
      topic: string;
      partitions: { partition: number; offset: string }[];
    }[];
  }>;
}

/** The requests of Kafka's group membership protocol, for the broker that coordinates the group. */
export interface CoordinatingBroker {
  joinGroup(request: {
    groupId: string;
    memberId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    protocolType: string;
    groupProtocols: readonly { name: string; metadata: Buffer }[];
  }): Promise<{
    readonly generationId: number;
    readonly leaderId: string | null;
    readonly memberId: string | null;
    /** Empty for all members but the leader. */
    readonly members: readonly {
      readonly memberId: string | null;
      readonly memberMetadata: Buffer | null;
    }[];
  }>;
  syncGroup(request: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
  }): Promise<{ readonly memberAssignment: Buffer | null }>;
  heartbeat(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
  }): Promise<unknown>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}

/** The further requests of a broker's client that `check` needs. */
export interface AskedBroker extends Broker {
  /** By the number of the request; null before the broker is connected. */
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
  findBroker(broker: { nodeId: string }): Promise<Broker>;
}

/** A cluster with the requests that only some of its users need. */
export interface WholeCluster extends Cluster {
  /** Describes all topics. */
  metadata(): ReturnType<Broker["metadata"]>;
  findGroupCoordinator(query: { groupId: string }): Promise<CoordinatingBroker>;
}

/** The id of the broker that leads a partition, by the cluster's metadata; "-1" when none is known. */
export function leaderOf(
  cluster: Cluster,
  { topic, partition }: TopicPartition,
): string {
  const leaders = cluster.findLeaderForPartitions(topic, [partition]);
  return Object.keys(leaders)[0] ?? "-1";
}

type CreateCluster = (options: object) => WholeCluster & PooledCluster;

/** Creates a connection to the cluster with the client's settings. kafkajs keeps the factory private. */
export function createCluster(kafka: Kafka): WholeCluster {
  const { factories, name } = factoryOf(kafka);
  const create = factories[name] as CreateCluster;
  return create({
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
  });
}

/** Passes each cluster that the factory creates after this call to `guard` before it is used. */
export function guardClusters(
  kafka: Kafka,
  guard: (cluster: PooledCluster) => void,
): void {
  const { factories, name } = factoryOf(kafka);
  const create = factories[name] as CreateCluster;
  factories[name] = (options: object) => {
    const cluster = create(options);
    guard(cluster);
    return cluster;
  };
}

function factoryOf(kafka: Kafka) {
  const name = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === "private:Kafka:createCluster",
  );
  if (name === undefined)
    throw new Error("this kafkajs is not 2.2.4: it makes no clusters");
  return { factories: kafka as unknown as Record<symbol, unknown>, name };
}
