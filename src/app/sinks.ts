import type { Config } from "../config/definition/config.ts";
import { withAdmin } from "../kafka/client/connection.ts";
import type { MayWrite } from "../kafka/write/producer.ts";
import { JOURNAL_TOPIC } from "../lib/kafka-topics.ts";
import { hasOwnRecords } from "../publish/exactly-once/own-records.ts";
import type { PublisherOptions } from "../publish/publisher.ts";
import { StdoutSink } from "../publish/stdout-sink.ts";
import type { AppContext } from "./app-context.ts";
import {
  atLeastOnce,
  exactlyOnce,
  type Delivery,
  type DeliveryOptions,
  type TransactionOptions,
} from "./delivery.ts";

/** Where events go: standard output, or Kafka with one of the guarantees. */
export type Target = "stdout" | Config["delivery"]["guarantee"];

/** What a sink is opened from. */
interface SinkNeeds {
  readonly app: AppContext;
  readonly device: string;
  /** Null when the cluster reports none, or is not asked. */
  readonly clusterId: string | null;
  readonly retrying: PublisherOptions["retrying"];
  /** Throws when this process may no longer write. */
  readonly mayWrite: MayWrite;
  readonly batchHeaders: PublisherOptions["batchHeaders"];
  /** Writes to standard output. */
  readonly print: (text: string) => Promise<void>;
}

export interface SinkKind {
  /** False for a sink that asks no cluster for anything, and whose items are never acknowledged to Sell. */
  readonly isKafka: boolean;
  /** Opens the sink; it connects to nothing before its first use. */
  readonly open: (needs: SinkNeeds) => Delivery;
}

/** Every sink, one line each. */
export const sinks: Readonly<Record<Target, SinkKind>> = {
  stdout: { isKafka: false, open: openStdout },
  "at-least-once": { isKafka: true, open: openAtLeastOnce },
  "exactly-once": { isKafka: true, open: openExactlyOnce },
};

function openStdout({ app, device, print }: SinkNeeds): Delivery {
  const { config, router } = app;
  const sink = new StdoutSink({
    encoder: app.createEncoder(device),
    router,
    deadLetterTopic: config.delivery.deadLetterTopic,
    connectorName: config.name,
    isBinary: config.format.value === "avro",
    write: print,
  });
  return { sink, rest: () => Promise.resolve() };
}

function openAtLeastOnce(needs: SinkNeeds): Delivery {
  const { app, clusterId, mayWrite } = needs;
  const producer = app.shared.producer(clusterId, app.config.name);
  const writer = app.cluster.writer.join({ producer, mayWrite });
  return atLeastOnce(writer, deliveryOptions(needs));
}

function openExactlyOnce(needs: SinkNeeds): Delivery {
  const { app, device, mayWrite } = needs;
  return exactlyOnce(app.kafka, device, {
    ...deliveryOptions(needs),
    compression: app.config.kafka.compression,
    mayWrite,
    semaphore: app.cluster.journalReads,
    ...journalWarnings(app),
  });
}

function deliveryOptions(needs: SinkNeeds): DeliveryOptions {
  const { app, device, retrying, batchHeaders } = needs;
  const { config, router, clock } = app;
  return {
    encoder: app.createEncoder(device),
    router,
    topics: app.createTopics((error, failures) => {
      retrying("publish", error, failures);
    }),
    clock,
    connectorName: config.name,
    deadLetterTopic: config.delivery.deadLetterTopic,
    retrying,
    ...(batchHeaders && { batchHeaders }),
  };
}

/** Callbacks that log what is odd about the journal of exactly-once delivery; none of it ends the delivery. */
function journalWarnings({
  config,
  router,
  kafka,
  clock,
  logger,
}: AppContext): Pick<TransactionOptions, "unreadable" | "emptyJournal"> {
  return {
    unreadable: ({ topic, partition, offset }) => {
      logger.warn(
        { topic, partition, offset: String(offset) },
        "a record of the journal under this connector's key is no entry, and is skipped",
      );
    },
    emptyJournal: async (signal) => {
      const isDoubtful = await withAdmin(kafka, signal, async (admin) => {
        const topics = (await admin.listTopics()).filter(
          (topic) => router.placeOf(topic, "") !== null,
        );
        return hasOwnRecords({ kafka, clock }, topics, config.name, signal);
      }).catch(() => {
        // Only a warning depends on it: the drain meets the same error itself.
        signal.throwIfAborted();
        return false;
      });
      if (isDoubtful)
        logger.warn(
          { topic: JOURNAL_TOPIC },
          "the journal holds nothing of this connector, though its topics do",
        );
    },
  };
}
