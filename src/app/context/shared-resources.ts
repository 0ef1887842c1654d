import { isDeepStrictEqual } from "node:util";
import type { Kafka } from "../../kafka/client/kafkajs.ts";
import type { Logger } from "pino";
import type { Config } from "../../config/definition/config.ts";
import {
  createKafka,
  loadClusterId,
  shareAdmins,
  withAdmin,
} from "../../kafka/client/connection.ts";
import { ProducerState } from "../../kafka/write/producer-state.ts";
import { SharedConnections } from "../../kafka/client/shared-connections.ts";
import { TopicFeed } from "../../kafka/read/topic-feed.ts";
import { KafkaWriter } from "../../kafka/write/kafka-writer.ts";
import { loadDefaultReplication } from "../../publish/topics/topic-creation.ts";
import {
  listTopicsOf,
  type TopicsOptions,
} from "../../publish/topics/topics.ts";
import { SharedWriter } from "../../publish/sinks/kafka-sink.ts";
import { deviceOf } from "../../publish/exactly-once/journal-entry.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";
import type { Clock } from "../../lib/clock.ts";
import { CachedQuery } from "../../lib/cached-query.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import { TokenLimiters } from "../../sell/token-limiters.ts";

/** How long a cluster id serves every connector that asks whether the cluster is reachable. */
const CLUSTER_ID_FRESH_MS = 5_000;

/** Brokers take another default when they are restarted. */
const REPLICATION_FRESH_MS = 60_000;

/** Exactly-once connectors write their transactions over so many connections to each broker. */
const CONNECTIONS = 8;

/** Tasks with an admin share so many connections to each broker: one that creates topics takes a while. */
const ADMIN_CONNECTIONS = 4;

/** At most this number of connectors look for their drain markers at once: all share one connection to each broker. */
const MARKERS_AT_ONCE = 4;

/** A Kafka cluster, as all connectors with the same settings share it. Disposing of it leaves it to the others. */
export interface SharedCluster extends Disposable {
  readonly kafka: Kafka;
  readonly writer: SharedWriter;
  /** The cluster's id, or null when it reports none; rejects while it can't be reached. */
  readonly id: CachedQuery<string | null>;
  readonly topicListing: TopicsOptions["topicListing"];
  /** How many replicas the brokers give a topic by default. */
  readonly defaultReplication: CachedQuery<number>;
  /** Reads the journal of exactly-once delivery. */
  readonly journal: TopicFeed;
  /** The connections that write transactions. */
  readonly transactions: SharedConnections;
  /** All connectors use these to look for their drain markers. */
  readonly markers: {
    /** Limits how many of them do it at once. */
    readonly semaphore: Semaphore;
    readonly connections: SharedConnections;
  };
}

interface ClusterInUse extends Omit<SharedCluster, typeof Symbol.dispose> {
  readonly settings: Config["kafka"];
  readonly admins: Disposable;
  users: number;
}

/** Resources shared by the connectors of a process, so that many of them cost little more than one. */
export class SharedResources {
  readonly limiters: TokenLimiters;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #clusters: ClusterInUse[] = [];
  /** By cluster and connector. They are kept, since a request of a connector that ended may still arrive. */
  readonly #producers = new Map<string, ProducerState>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    this.limiters = new TokenLimiters(clock);
  }

  /** Joins the cluster of these settings; nothing is connected yet. */
  joinCluster(settings: Config["kafka"]): SharedCluster {
    let cluster = this.#clusters.find((one) => isSame(one.settings, settings));
    if (cluster === undefined) {
      cluster = this.#createCluster(settings);
      this.#clusters.push(cluster);
    }
    const joined = cluster;
    joined.users++;
    return {
      ...joined,
      [Symbol.dispose]: () => {
        if (--joined.users > 0) return;
        this.#clusters = this.#clusters.filter((one) => one !== joined);
        void joined.journal[Symbol.asyncDispose]();
        void joined.transactions[Symbol.asyncDispose]();
        void joined.markers.connections[Symbol.asyncDispose]();
        joined.admins[Symbol.dispose]();
      },
    };
  }

  /** The producer of a connector on a cluster, whatever settings reach that cluster. */
  producer(clusterId: string | null, connectorName: string): ProducerState {
    const key = JSON.stringify([clusterId, connectorName]);
    const known = this.#producers.get(key);
    if (known !== undefined) return known;
    const producer = new ProducerState();
    this.#producers.set(key, producer);
    return producer;
  }

  #createCluster(settings: Config["kafka"]): ClusterInUse {
    const kafka = kafkaFromConfig(settings, this.#logger);
    const never = new AbortController().signal;
    const clock = this.#clock;
    const connections = (atMost: number) =>
      new SharedConnections({ kafka, clock, atMost });
    return {
      settings,
      kafka,
      admins: shareAdmins(kafka, connections(ADMIN_CONNECTIONS)),
      writer: new SharedWriter(
        new KafkaWriter(kafka, settings.compression, clock),
      ),
      id: new CachedQuery(
        () => loadClusterId(kafka, never),
        CLUSTER_ID_FRESH_MS,
        clock,
      ),
      topicListing: listTopicsOf(kafka),
      defaultReplication: new CachedQuery(
        () => withAdmin(kafka, never, loadDefaultReplication),
        REPLICATION_FRESH_MS,
        clock,
      ),
      ...exactlyOnceOn(kafka, clock),
      markers: {
        semaphore: new Semaphore(MARKERS_AT_ONCE),
        connections: connections(1),
      },
      users: 0,
    };
  }
}

/** Creates the journal feed and the connections that exactly-once connectors of a cluster share; nothing is connected yet. */
export function exactlyOnceOn(
  kafka: Kafka,
  clock: Clock,
): Pick<SharedCluster, "journal" | "transactions"> {
  const topic = JOURNAL_TOPIC;
  return {
    journal: new TopicFeed({ kafka, clock, topic, ownerOf: deviceOf }),
    transactions: new SharedConnections({
      kafka,
      clock,
      topic,
      atMost: CONNECTIONS,
    }),
  };
}

/** A client of a cluster; nothing is connected yet. */
export function kafkaFromConfig(
  { brokers, clientId, ssl, sasl }: Config["kafka"],
  logger: Logger,
): Kafka {
  return createKafka({
    brokers,
    clientId,
    ssl,
    sasl,
    debug: (message, facts) => {
      logger.debug(facts, message);
    },
  });
}

/** Equal TLS settings are one object, whose contents can't be compared. */
function isSame(
  { ssl: sslA, ...a }: Config["kafka"],
  { ssl: sslB, ...b }: Config["kafka"],
): boolean {
  return sslA === sslB && isDeepStrictEqual(a, b);
}
