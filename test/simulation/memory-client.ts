import type { ICustomPartitioner, Kafka, ProducerConfig } from "kafkajs";
import type { Broker, Cluster } from "../../src/kafka/cluster.ts";
import { JOURNAL_TOPIC } from "../../src/kafka/journal.ts";
import type { byTopic } from "../../src/kafka/producer.ts";
import type { Chances } from "./chances.ts";
import type { MemoryKafka, Placed } from "./memory-kafka.ts";
import type { MemoryTransaction } from "./memory-partition.ts";
import type { Life, Schedule } from "./schedule.ts";

const LARGEST_RECORD_BYTES = 1_000;
const LARGEST_DEAD_LETTER_BYTES = 2_000;
const READ_COMMITTED = 1;
const EARLIEST = -2;
const MOST_FETCHED = 4;
const MAX_WAIT_MS = 1_000;

interface Batch {
  readonly topicMessages: ReturnType<typeof byTopic>;
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
      [Symbol("private:Kafka:createCluster")]: () => this.#cluster(),
    };
    return client as unknown as Kafka;
  }

  #producer({ transactionalId: id, createPartitioner }: ProducerConfig) {
    if (createPartitioner === undefined) throw new Error("no partitioner");
    let epoch = 0;
    const send = (
      { topicMessages }: Batch,
      transaction: () => MemoryTransaction | null | "later",
    ) =>
      this.#repeated(
        () => `write of ${topicMessages.map(namesOf).join(" ")}`,
        () => {
          this.#fail("writeUnsent", "NETWORK");
          const own = transaction();
          if (own === "later") return null;
          return this.#write(topicMessages, createPartitioner, own);
        },
      );
    return {
      connect: async () => {
        const given = await this.#repeated(
          () => "producer id",
          () => {
            this.#fail("producerRefused", "NETWORK");
            return id === undefined ? 0 : this.#kafka.takeOver(id);
          },
        );
        epoch = given;
      },
      disconnect: () => Promise.resolve(),
      sendBatch: (batch: Batch) => send(batch, () => null),
      transaction: () =>
        Promise.resolve({
          sendBatch: (batch: Batch) =>
            send(
              batch,
              () => this.#kafka.transaction(String(id), epoch) ?? "later",
            ),
          commit: () =>
            this.#ask(
              () => "commit",
              () => {
                this.#fail("commitUnsent", "NETWORK");
                this.#kafka.end(String(id), epoch, "committed");
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
    transaction: MemoryTransaction | null,
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

  #refusal(records: readonly Placed[]): string | null {
    const { random } = this.#schedule;
    const { topicRefused, writePartial } = this.#chances();
    const topic = records[0]?.record.topic ?? "";
    if (random.chance(topicRefused) && !this.#denied.delete(topic))
      this.#denied.add(topic);
    if (this.#denied.has(topic)) return "TOPIC_AUTHORIZATION_FAILED";
    if (records.some(({ record }) => isTooLarge(record)))
      return "MESSAGE_TOO_LARGE";
    return random.chance(writePartial) ? "NOT_ENOUGH_REPLICAS" : null;
  }

  #confirmed(
    records: readonly Placed[],
    transaction: MemoryTransaction | null,
  ): object {
    const [first] = records;
    const baseOffset = String(this.#kafka.append(records, transaction));
    const topicName = first?.record.topic;
    return { topicName, partition: first?.partition, baseOffset };
  }

  #cluster(): Cluster {
    const done = () => Promise.resolve();
    return {
      connect: done,
      disconnect: done,
      refreshMetadata: done,
      addMultipleTargetTopics: done,
      findControllerBroker: () => Promise.resolve(this.#broker()),
      findBroker: () => Promise.resolve(this.#broker()),
      findTopicPartitionMetadata: (topic) => this.#kafka.partitions(topic),
      findLeaderForPartitions: (_, partitions) => ({ "1": [...partitions] }),
    };
  }

  #broker(): Broker {
    return {
      findGroupCoordinator: () => Promise.resolve(),
      listOffsets: (request) =>
        this.#read("end", request, (one, isolationLevel) => {
          const { end, stableEnd } = this.#partition(one);
          const latest = isolationLevel === READ_COMMITTED ? stableEnd : end;
          const offset = one.timestamp === EARLIEST ? 0 : latest;
          return { offset: String(offset) };
        }),
      fetch: async (request) => {
        const fetched = await this.#read("part", request, (one) => {
          this.#kafka.endOverdue();
          return this.#partition(one).fetch(
            Number(one.fetchOffset),
            MOST_FETCHED,
          );
        });
        const { messages } = fetched.responses[0]?.partitions[0] ?? {};
        if (messages?.length === 0)
          await this.#life.sleep(MAX_WAIT_MS, this.#nobodyAborts);
        return fetched;
      },
    };
  }

  #partition({ partition }: PartitionRequest) {
    return this.#kafka.partition(JOURNAL_TOPIC, partition);
  }

  async #read<T>(
    what: string,
    request: object,
    answer: (one: PartitionRequest, isolationLevel: number) => T,
  ): Promise<{ responses: { partitions: T[] }[] }> {
    const { isolationLevel, topics } = request as ReadRequest;
    return this.#ask(
      () => `reading the ${what} of the journal`,
      () => {
        this.#fail("readFailed", "NETWORK");
        const responses = topics.map(({ partitions }) => ({
          partitions: partitions.map((one) => answer(one, isolationLevel)),
        }));
        return { responses };
      },
    );
  }

  /** Without a signal, as kafkajs knows none: it goes on when nobody waits for it any longer. */
  #ask<T>(what: () => string, serve: () => T): Promise<T> {
    return this.#life.ask(what, serve);
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

interface PartitionRequest {
  readonly partition: number;
  readonly timestamp?: number;
  readonly fetchOffset?: string;
}

interface ReadRequest {
  readonly isolationLevel: number;
  readonly topics: readonly { partitions: readonly PartitionRequest[] }[];
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

function namesOf({ topic, messages }: Batch["topicMessages"][number]): string {
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
