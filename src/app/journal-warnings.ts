import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Logger } from "pino";
import type { Config } from "../config/definition/config.ts";
import { withAdmin } from "../kafka/client/connection.ts";
import type { Clock } from "../lib/clock.ts";
import { JOURNAL_TOPIC } from "../lib/kafka-topics.ts";
import { hasOwnRecords } from "../publish/exactly-once/own-records.ts";
import type { TransactionOptions } from "./delivery.ts";
import { routerOf } from "./parts.ts";

/** Callbacks that log what is odd about the journal of exactly-once delivery; none of it ends the delivery. */
export function journalWarnings(
  {
    config,
    clock,
    logger,
  }: {
    readonly config: Config;
    readonly clock: Clock;
    readonly logger: Logger;
  },
  kafka: Kafka,
): Pick<TransactionOptions, "unreadable" | "emptyJournal"> {
  const router = routerOf(config);
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
        // The warning is for people alone: the drain meets the same error itself.
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
