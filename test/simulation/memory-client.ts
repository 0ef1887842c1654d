import type { Kafka } from "kafkajs";
import type {
  Broker,
  Cluster,
  ProduceRequest,
} from "../../src/kafka/client/cluster.ts";
import type { Fetched } from "../../src/kafka/client/fetched.ts";
import type { Chances } from "./chances.ts";
import type { MemoryKafka, Placed } from "./memory-kafka.ts";
import type { Life, Schedule } from "./schedule.ts";

const LARGEST_RECORD_BYTES = 1_000;
const LARGEST_DEAD_LETTER_BYTES = 2_000;
const READ_UNCOMMITTED = 0;
/** In requests for offsets: the beginning of a partition. */
const EARLIEST = -2;
const MOST_FETCHED = 4;
const MAX_WAIT_MS = 1_000;

/**
 * What one life of the connector takes for kafkajs: every call is a request that arrives some
 * time later, and fails in every way that leaves its sender in doubt.
 */
export class MemoryClient {
  readonly #kafka: MemoryKafka;
  readonly #schedule: Schedule;
  readonly #life: Life;
  readonly #chances: () => Chances;
  /** Topics that nobody may write for now. */
  readonly #denied: Set<string>;
  readonly #nobodyAborts = new AbortController().signal;

  constructor(
    kafka: MemoryKafka,
    schedule: Schedule,
    life: Life,
    chances: () => Chances,
    denied: Set<string>,
  ) {
    this.#kafka = kafka;
    this.#schedule = schedule;
    this.#life = life;
    this.#chances = chances;
    this.#denied = denied;
  }

  /** The part of kafkajs's surface that the connector uses. */
  get kafka(): Kafka {
    const client = {
      [Symbol("private:Kafka:createCluster")]: () => this.#cluster(),
    };
    return client as unknown as Kafka;
  }

  #refusal(records: readonly Placed[]): keyof typeof codes | null {
    const { random } = this.#schedule;
    const { topicRefused, writePartial, sizeTaken } = this.#chances();
    const topic = records[0]?.record.topic ?? "";
    if (random.chance(topicRefused) && !this.#denied.delete(topic))
      this.#denied.add(topic);
    if (this.#denied.has(topic)) return "TOPIC_AUTHORIZATION_FAILED";
    const isOverLimit = records.some(({ record }) => isTooLarge(record));
    if (isOverLimit && !random.chance(sizeTaken)) return "MESSAGE_TOO_LARGE";
    return random.chance(writePartial) ? "NOT_ENOUGH_REPLICAS" : null;
  }

  /** What a producer sends: a broker appends each batch once, in the order of its numbers, or in its transaction. */
  #produce(request: ProduceRequest) {
    const { random } = this.#schedule;
    const { transactionalId: id, producerId, topicData } = request;
    const { producerEpoch: epoch } = request;
    const transaction =
      id === undefined ? null : this.#kafka.ongoing(id, epoch);
    const { number: life } = this.#life;
    const batches = topicData.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, firstSequence, messages }) => ({
        topic,
        partition,
        by: { producerId, epoch, firstSequence, count: messages.length },
        placed: messages.map((message) => ({
          record: { topic, life, ...message },
          partition,
        })),
      })),
    );
    const topics = random
      .shuffled(batches)
      .map(({ topic, partition, by, placed }) => {
        const refusal = this.#refusal(placed);
        let errorCode = refusal === null ? 0 : codes[refusal];
        let baseOffset = "-1";
        if (refusal === null && transaction === null)
          errorCode = this.#kafka.appendOnce(placed, by);
        else if (refusal === null && transaction !== null)
          baseOffset = String(this.#kafka.append(placed, transaction));
        const answer = { partition, errorCode, baseOffset };
        return { topicName: topic, partitions: [answer] };
      });
    this.#fail("writeUnconfirmed", "REQUEST_TIMED_OUT");
    return { topics };
  }

  #cluster(): Cluster {
    const done = () => Promise.resolve();
    const broker = this.#broker();
    return {
      connect: done,
      disconnect: done,
      refreshMetadata: done,
      addMultipleTargetTopics: done,
      findControllerBroker: () => Promise.resolve(broker),
      findBroker: () => Promise.resolve(broker),
      findTopicPartitionMetadata: (topic) =>
        this.#kafka.partitions(topic).map(metadataOf),
      findLeaderForPartitions: (_, partitions) => ({ "1": [...partitions] }),
    };
  }

  #broker(): Broker {
    return {
      metadata: (topics) =>
        Promise.resolve({
          topicMetadata: topics.map((topic) => ({
            topic,
            partitionMetadata: this.#kafka.partitions(topic).map(metadataOf),
          })),
        }),
      findGroupCoordinator: () =>
        Promise.resolve({ coordinator: { nodeId: 1 } }),
      initProducerId: ({ transactionalId: id }) =>
        this.#ask(
          () => "producer id",
          () => {
            this.#fail("producerRefused", "NETWORK");
            if (id === undefined)
              return {
                producerId: this.#kafka.newProducerId(),
                producerEpoch: 0,
              };
            return { producerId: id, producerEpoch: this.#kafka.takeOver(id) };
          },
        ),
      addPartitionsToTxn: ({ transactionalId: id, producerEpoch, topics }) =>
        this.#sent(
          () => `transaction over ${topics.map((one) => one.topic).join(" ")}`,
          () => {
            this.#kafka.begin(id, producerEpoch);
          },
        ),
      endTxn: ({ transactionalId: id, producerEpoch }) =>
        this.#ask(
          () => "commit",
          () => {
            this.#fail("commitUnsent", "NETWORK");
            this.#kafka.end(id, producerEpoch, "committed");
            this.#fail("commitUnconfirmed", "REQUEST_TIMED_OUT");
          },
        ),
      produce: (request) =>
        this.#sent(
          () => `write of ${request.topicData.map(recordsOf).join(" ")}`,
          () => this.#produce(request),
        ),
      listOffsets: ({ isolationLevel, topics }) =>
        this.#ask(
          () => "offsets of the journal",
          () => {
            this.#fail("readFailed", "NETWORK");
            return {
              responses: topics.map(({ topic, partitions }) => ({
                topic,
                partitions: partitions.map(({ partition, timestamp }) => {
                  const { end, stableEnd } = this.#kafka.partition(
                    topic,
                    partition,
                  );
                  const latest =
                    isolationLevel === READ_UNCOMMITTED ? end : stableEnd;
                  const offset = String(timestamp === EARLIEST ? 0 : latest);
                  return { partition, offset };
                }),
              })),
            };
          },
        ),
      fetch: async (request) => {
        const fetched = await this.#ask(
          () => "fetch of the journal",
          () => {
            this.#fail("readFailed", "NETWORK");
            this.#kafka.endOverdue();
            return fetchedBy(request as FetchRequest, this.#kafka);
          },
        );
        if (fetched.batches.length === 0)
          await this.#life.sleep(MAX_WAIT_MS, this.#nobodyAborts);
        return { responses: [{ partitions: [fetched] }] };
      },
    };
  }

  /** Without a signal, as kafkajs knows none: it goes on when nobody waits for it any longer. */
  #ask<T>(what: () => string, serve: () => T): Promise<T> {
    return this.#life.ask(what, serve);
  }

  /** A write, which may arrive long after its sender was cut off from it. */
  async #sent<T>(what: () => string, serve: () => T): Promise<T> {
    const { random } = this.#schedule;
    if (random.chance(this.#chances().writeLate)) {
      const arrival = () => `life ${this.#life.number}: late ${what()} arrives`;
      this.#schedule.late(arrival, () => {
        try {
          serve();
        } catch {
          // Nobody waits for the answer.
        }
      });
      throw await this.#ask(
        () => `a connection for the ${what()}`,
        () => brokerError("NETWORK"),
      );
    }
    return this.#ask(what, () => {
      this.#fail("writeUnsent", "NETWORK");
      return serve();
    });
  }

  #fail(chance: keyof Chances, type: string): void {
    if (this.#schedule.random.chance(this.#chances()[chance]))
      throw brokerError(type);
  }
}

interface FetchRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
    }[];
  }[];
}

function fetchedBy({ topics }: FetchRequest, kafka: MemoryKafka): Fetched {
  const [wanted] = topics;
  const [place] = wanted?.partitions ?? [];
  if (wanted === undefined || place === undefined)
    throw new Error("a fetch of nothing");
  return kafka
    .partition(wanted.topic, place.partition)
    .fetch(Number(place.fetchOffset), MOST_FETCHED);
}

function metadataOf(_: unknown, partitionId: number) {
  return {
    partitionId,
    partitionErrorCode: 0,
    leader: 1,
    replicas: [],
    isr: [],
  };
}

function isTooLarge({ topic, value }: Placed["record"]): boolean {
  const limit =
    topic === "dead" ? LARGEST_DEAD_LETTER_BYTES : LARGEST_RECORD_BYTES;
  return (value?.length ?? 0) > limit;
}

/** Of the refusals that a broker may answer with. */
const codes = {
  MESSAGE_TOO_LARGE: 10,
  NOT_ENOUGH_REPLICAS: 19,
  TOPIC_AUTHORIZATION_FAILED: 29,
} as const;

function recordsOf({
  topic,
  partitions,
}: ProduceRequest["topicData"][number]): string {
  return partitions
    .map(({ messages }) => namesOf({ topic, messages }))
    .join(" ");
}

function namesOf({
  topic,
  messages,
}: {
  readonly topic: string;
  readonly messages: ProduceRequest["topicData"][number]["partitions"][number]["messages"];
}): string {
  return messages
    .map(({ key, value, headers }) => {
      const name = headers["sell.ack_key"] ?? key;
      const chunk = headers["chunk.index"];
      return `${topic}:${name}${value === null ? "!" : ""}${chunk === undefined ? "" : `#${chunk}`}`;
    })
    .join(" ");
}

function brokerError(type: string): Error {
  return Object.assign(new Error(type), { type });
}
