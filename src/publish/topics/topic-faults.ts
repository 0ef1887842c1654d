import { RecordFault, TypeFault } from "../../domain/faults.ts";
import { brokerReason, errorTypeOf } from "../../kafka/client/errors.ts";

export function missing(topic: string): TypeFault {
  return new TypeFault({
    code: "topic-missing",
    reason: "the topic does not exist, and topics.create is false",
    remedy:
      "create it with cleanup.policy=compact and allow the connector's principal Write on it, or set topics.create to true",
    ofMany: {
      reason: "the topics do not exist, and topics.create is false",
      remedy:
        "create them with cleanup.policy=compact and allow the connector's principal Write on them, or set topics.create to true",
    },
    subject: topic,
  });
}

export function writeFault(topic: string, cause: unknown): TypeFault {
  const type = errorTypeOf(cause);
  const isDenied = type === "TOPIC_AUTHORIZATION_FAILED";
  return new TypeFault(
    {
      code: isDenied ? "topic-denied" : "topic-refused",
      variant: type ?? "",
      reason: `the topic can't be written: ${brokerReason(cause)}`,
      remedy: isDenied
        ? "allow the connector's principal Describe and Write on it"
        : "change the topic's settings, or those of the brokers",
      ofMany: {
        reason: `the topics can't be written: ${brokerReason(cause)}`,
        remedy: isDenied
          ? "allow the connector's principal Describe and Write on them"
          : "change the settings of the topics, or those of the brokers",
      },
      subject: topic,
    },
    { cause },
  );
}

export function collision(topic: string, twin: string): RecordFault {
  return new RecordFault(
    "route",
    `topic ${topic} can't exist beside ${twin}: Kafka takes their names for the same in its metrics`,
  );
}

export function tooMany(topic: string, maxCreated: number): TypeFault {
  return new TypeFault({
    code: "topic-limit",
    reason: `topics.maxCreated is ${maxCreated}, and so many topics of topics.pattern exist, so no other is created`,
    remedy:
      "raise topics.maxCreated, or create the topic yourself with cleanup.policy=compact",
    subject: topic,
  });
}

export function gone(topic: string): TypeFault {
  return new TypeFault({
    code: "topic-deleted",
    reason: "the topic was published to before and is gone, with what it held",
    remedy:
      "create it again and raise sell.epoch, so that Sell sends everything again",
    ofMany: {
      reason:
        "the topics were published to before and are gone, with what they held",
      remedy:
        "create them again and raise sell.epoch, so that Sell sends everything again",
    },
    subject: topic,
  });
}
