import { z } from "zod";
import { count, longWait, shortWait, topicName } from "./fields.ts";

export const DEFAULT_DEAD_LETTER_TOPIC = "sell-kafka.dead-letter";

/** With which guarantee records are published, and within which limits. */
export const delivery = z.strictObject({
  guarantee: z
    .enum(["at-least-once", "exactly-once"])
    .default("at-least-once")
    .describe(
      "exactly-once writes events and what they settle in one Kafka transaction",
    ),
  deadLetterTopic: topicName
    .default(DEFAULT_DEAD_LETTER_TOPIC)
    .describe(
      "Topic for records that can't be published; several connectors may share it",
    ),
  maxBufferedBytes: count
    .max(17_179_869_184)
    .default(33_554_432)
    .describe(
      "Decoded response bytes, fetched and not yet published; at most a quarter of the heap that Node.js may take",
    ),
  giveUpAfterMs: longWait
    .default(300_000)
    .describe("sync only: milliseconds without progress after which it ends"),
  shutdownTimeoutMs: shortWait
    .default(30_000)
    .describe(
      "Milliseconds to publish and acknowledge what is held, when asked to stop; half of them for pages that are on their way",
    ),
});
