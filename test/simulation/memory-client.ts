import type { ICustomPartitioner, Kafka, ProducerConfig } from "kafkajs";
import type {
  Broker,
  Cluster,
  Fetched,
  ProduceRequest,
} from "../../src/kafka/client/cluster.ts";
import type { toTopicMessages } from "../../src/kafka/write/produce-request.ts";
import type { Chances } from "./chances.ts";
import type { MemoryKafka, Placed } from "./memory-kafka.ts";
import type { MemoryTransaction } from "./memory-partition.ts";
import type { Life, Schedule } from "./schedule.ts";

const LARGEST_RECORD_BYTES = 1_000;
const LARGEST_DEAD_LETTER_BYTES = 2_000;
const READ_UNCOMMITTED = 0;
const MOST_FETCHED = 4;
const MAX_WAIT_MS = 1_000;

interface Batch {
  readonly topicMessages: ReturnType<typeof toTopicMessages>;
}

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
      producer: (config: ProducerConfig) => this.#producer(config),
      [Symbol("private:Kafka:createCluster")]: (options: {
        isolationLevel?: number;
      }) => this.#cluster(options.isolationLevel === READ_UNCOMMITTED),
    };
    return client as unknown as Kafka;
  }

  /** A transactional producer. */
  #producer({ transactionalId, createPartitioner }: ProducerConfig) {
    if (createPartitioner === undefined || transactionalId === undefined)
      throw new Error("no partitioner, or no transactional id");
    const id = transactionalId;
    let epoch = 0;
    const send = ({ topicMessages }: Batch) =>
      this.#sent(
        () => `write of ${topicMessages.map(namesOf).join(" ")}`,
        () => {
          const own = this.#kafka.transaction(id, epoch);
          if (own === null) return null;
          return this.#write(topicMessages, createPartitioner, own);
        },
      );
    return {
      connect: async () => {
        const given = await this.#repeated(
          () => "producer id",
          () => {
            this.#fail("producerRefused", "NETWORK");
            return this.#kafka.takeOver(id);
          },
        );
        epoch = given;
      },
      disconnect: () => Promise.resolve(),
      transaction: () =>
        Promise.resolve({
          sendBatch: send,
          commit: () =>
            this.#ask(
              () => "commit",
              () => {
                this.#fail("commitUnsent", "NETWORK");
                this.#kafka.end(id, epoch, "committed");
                this.#fail("commitUnconfirmed", "REQUEST_TIMED_OUT");
              },
            ),
        }),
    };
  }

  /** Each partition takes its part whole or not at all. */
  #write(
    topicMessages: Batch["topicMessages"],
    createPartitioner: ICustomPartitioner,
    transaction: MemoryTransaction,
  ) {
    const { random } = this.#schedule;
    const partitionOf = createPartitioner();
    const places = new Map<string, Placed[]>();
    for (const { topic, messages } of topicMessages)
      for (const message of messages) {
        const partition = partitionOf({
          topic,
          partitionMetadata: this.#kafka.partitions(topic).map(metadataOf),
          message,
        });
        const place = `${topic} ${partition}`;
        const { number: life } = this.#life;
        const placed = { record: { topic, life, ...message }, partition };
        const known = places.get(place);
        if (known === undefined) places.set(place, [placed]);
        else known.push(placed);
      }
    const answers: object[] = [];
    let error: Error | null = null;
    for (const ofPlace of random.shuffled([...places.values()])) {
      const refusal = this.#refusal(ofPlace);
      if (refusal !== null) error ??= brokerError(refusal);
      else answers.push(this.#confirmed(ofPlace, transaction));
    }
    if (error !== null) throw error;
    this.#fail("writeUnconfirmed", "REQUEST_TIMED_OUT");
    return answers;
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

  #confirmed(
    records: readonly Placed[],
    transaction: MemoryTransaction,
  ): object {
    const [first] = records;
    const baseOffset = String(this.#kafka.append(records, transaction));
    const topicName = first?.record.topic;
    return { topicName, partition: first?.partition, baseOffset };
  }

  /** What an idempotent producer sends: a broker appends each batch once, in the order of its numbers. */
  #produce({ producerId, producerEpoch: epoch, topicData }: ProduceRequest) {
    const { random } = this.#schedule;
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
        const errorCode =
          refusal === null
            ? this.#kafka.appendOnce(placed, by)
            : codes[refusal];
        return { topicName: topic, partitions: [{ partition, errorCode }] };
      });
    this.#fail("writeUnconfirmed", "REQUEST_TIMED_OUT");
    return { topics };
  }

  #cluster(isUncommitted: boolean): Cluster {
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
      fetchTopicsOffset: (queries) =>
        this.#ask(
          () => "offsets of the journal",
          () => {
            this.#fail("readFailed", "NETWORK");
            return queries.map(({ topic, partitions, fromBeginning }) => ({
              topic,
              partitions: partitions.map(({ partition }) => {
                const { end, stableEnd } = this.#kafka.partition(
                  topic,
                  partition,
                );
                const latest = isUncommitted ? end : stableEnd;
                const offset = String(fromBeginning ? 0 : latest);
                return { partition, offset };
              }),
            }));
          },
        ),
    };
  }

  #broker(): Broker {
    return {
      findGroupCoordinator: () => Promise.resolve(),
      initProducerId: () =>
        this.#ask(
          () => "producer id",
          () => {
            this.#fail("producerRefused", "NETWORK");
            return {
              producerId: this.#kafka.newProducerId(),
              producerEpoch: 0,
            };
          },
        ),
      produce: (request) =>
        this.#sent(
          () => `write of ${request.topicData.map(recordsOf).join(" ")}`,
          () => this.#produce(request),
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
        if (fetched.messages.length === 0)
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
  async #sent<T>(what: () => string, serve: () => T | null): Promise<T> {
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
    return this.#repeated(what, () => {
      this.#fail("writeUnsent", "NETWORK");
      return serve();
    });
  }

  /** kafkajs repeats by itself what a coordinator is not ready for. */
  async #repeated<T>(what: () => string, serve: () => T | null): Promise<T> {
    for (;;) {
      const answer = await this.#ask(what, serve);
      if (answer !== null) return answer;
    }
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
}: Pick<Batch["topicMessages"][number], "topic"> & {
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
