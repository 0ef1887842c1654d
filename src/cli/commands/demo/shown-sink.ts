import type { SinkKind } from "../../../app/context/sinks.ts";
import { anyTopic } from "../../../publish/sink.ts";
import type { ReadRecord } from "./tally.ts";

/**
 * In place of a Kafka: takes a record for delivered once it is shown. Only a simulated Sell may be
 * told so.
 */
export function shownSink(
  deadLetterTopic: string,
  take: (record: ReadRecord) => void,
): SinkKind {
  return {
    isKafka: false,
    acknowledges: true,
    open: () => ({
      topics: anyTopic,
      write: (batches) => {
        for (const { topic, key, value, headers } of batches.flat())
          if (topic !== deadLetterTopic)
            take({
              topic,
              place: topic,
              key,
              text: value?.toString("utf8") ?? null,
              ackKey: headers["sell.ack_key"] ?? "",
            });
        return Promise.resolve(null);
      },
      rest: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }),
  };
}
