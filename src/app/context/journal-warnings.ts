import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";
import { hasOwnRecords } from "../../publish/exactly-once/own-records.ts";
import type { ExactlyOnceOptions } from "../../publish/exactly-once/transactional-sink.ts";
import type { AppContext } from "./app-context.ts";

/** Callbacks that log what is odd about the journal of exactly-once delivery; none of it ends the delivery. */
export function journalWarnings({
  config,
  router,
  kafka,
  clock,
  logger,
}: AppContext): Pick<ExactlyOnceOptions, "unreadable" | "emptyJournal"> {
  return {
    unreadable: ({ topic, partition, offset }) => {
      logger.warn(
        { topic, partition, offset: String(offset) },
        "a record of the journal under this connector's key is no entry, and is skipped",
      );
    },
    emptyJournal: async (signal) => {
      const isDoubtful = await hasOwnRecords(
        { kafka, clock },
        (topic) => router.isTarget(topic),
        config.name,
        signal,
      ).catch(() => {
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
