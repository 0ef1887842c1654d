import { isDeepStrictEqual } from "node:util";
import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Logger } from "pino";
import type { Config } from "../config/definition/config.ts";
import { loadClusterId } from "../kafka/client/connection.ts";
import { IdempotentProducer } from "../kafka/write/idempotent-producer.ts";
import { KafkaWriter } from "../kafka/write/producer.ts";
import { SharedWriter } from "../publish/shared-writer.ts";
import { kafkaOf } from "./parts.ts";
import type { Clock } from "../lib/clock.ts";
import { CachedQuery } from "../lib/cached-query.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { TokenLimiters } from "../sell/token-limiters.ts";

/** So many connectors may ask at once whether their cluster is there. */
const FRESH_MS = 5_000;

/** A Kafka cluster, as all connectors with the same settings see it. */
export interface SharedCluster extends Disposable {
  readonly kafka: Kafka;
  readonly writer: SharedWriter;
  /** The cluster's id, or null; rejects while it can't be reached. */
  readonly id: CachedQuery<string | null>;
  /** Of those who read their journals, which takes memory. */
  readonly journalReads: Semaphore;
}

const JOURNALS_AT_ONCE = 4;

interface Entry extends Omit<SharedCluster, typeof Symbol.dispose> {
  readonly settings: Config["kafka"];
  users: number;
}

/** What the connectors of a process share, so that many of them cost little more than one. */
export class Commons {
  readonly limiters: TokenLimiters;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #clusters: Entry[] = [];
  /** By cluster and connector. They stay, since a request of a connector that ended may still arrive. */
  readonly #producers = new Map<string, IdempotentProducer>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    this.limiters = new TokenLimiters(clock);
  }

  /** To be disposed of by its user; nothing is connected yet. */
  cluster({ kafka: settings }: Pick<Config, "kafka">): SharedCluster {
    let entry = this.#clusters.find((one) => isSame(one.settings, settings));
    if (entry === undefined) {
      entry = this.#entryOf(settings);
      this.#clusters.push(entry);
    }
    const { kafka, writer, id, journalReads } = entry;
    const mine = entry;
    mine.users++;
    return {
      kafka,
      writer,
      id,
      journalReads,
      [Symbol.dispose]: () => {
        if (--mine.users === 0)
          this.#clusters = this.#clusters.filter((one) => one !== mine);
      },
    };
  }

  /** The producer of a connector on a cluster, by whatever settings that is reached. */
  producer(
    clusterId: string | null,
    connectorName: string,
  ): IdempotentProducer {
    const key = JSON.stringify([clusterId, connectorName]);
    const known = this.#producers.get(key);
    if (known !== undefined) return known;
    const producer = new IdempotentProducer();
    this.#producers.set(key, producer);
    return producer;
  }

  #entryOf(settings: Config["kafka"]): Entry {
    const kafka = kafkaOf({ kafka: settings }, this.#logger);
    const asking = new AbortController().signal;
    return {
      settings,
      kafka,
      writer: new SharedWriter(
        new KafkaWriter(kafka, settings.compression, this.#clock),
      ),
      id: new CachedQuery(
        () => loadClusterId(kafka, asking),
        FRESH_MS,
        this.#clock,
      ),
      journalReads: new Semaphore(JOURNALS_AT_ONCE),
      users: 0,
    };
  }
}

/** Equal TLS settings are one object; what is in it can't be compared. */
function isSame(
  { ssl: sslA, ...a }: Config["kafka"],
  { ssl: sslB, ...b }: Config["kafka"],
): boolean {
  return sslA === sslB && isDeepStrictEqual(a, b);
}
