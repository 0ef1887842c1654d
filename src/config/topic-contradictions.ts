import {
  collide,
  isInternalTopic,
  LONGEST_TOPIC,
  ownTopics,
} from "../lib/kafka-topics.ts";
import { resourceTypes } from "./definition/resource-types.ts";
import type { Problem } from "./problem.ts";

export interface TopicNames {
  readonly name: string;
  readonly pattern: string;
  readonly deadLetterTopic: string;
}

/** Topic names with which no record, or no dead-letter record, could ever be published. */
export function topicContradictionsIn(names: TopicNames): Problem[] {
  return [...patternProblems(names), ...deadLetterProblems(names)];
}

function patternProblems(names: TopicNames): Problem[] {
  const path = "topics.pattern";
  const shortest = topicOf(names, names.pattern.includes("{type}") ? "t" : "");
  if (shortest.length > LONGEST_TOPIC)
    return [
      {
        path,
        message: `makes no legal topic names together with the connector's name: Kafka allows at most ${LONGEST_TOPIC} characters; shorten one of them`,
      },
    ];
  if (shortest === "." || shortest === "..")
    return [{ path, message: "makes no legal topic name: . and .. are none" }];
  const owner = names.pattern.includes("{type}") ? null : ownerOf(shortest);
  return owner === null
    ? []
    : [
        {
          path,
          message: `names a topic of ${owner}, which takes no records; choose another name`,
        },
      ];
}

function deadLetterProblems(names: TopicNames): Problem[] {
  const path = "delivery.deadLetterTopic";
  const { deadLetterTopic, pattern } = names;
  const owner = ownerOf(deadLetterTopic);
  if (owner !== null)
    return [
      {
        path,
        message: `names a topic of ${owner}, which takes no dead letters; choose another name`,
      },
    ];
  if (!pattern.includes("{type}"))
    return collide(topicOf(names, ""), deadLetterTopic)
      ? [
          {
            path,
            message:
              "is the topic of the records too (topics.pattern makes it, or one that differs only in . and _, which Kafka refuses): no record could be published; choose another name",
          },
        ]
      : [];
  const type = resourceTypes.find((one) =>
    collide(topicOf(names, one), deadLetterTopic),
  );
  return type === undefined
    ? []
    : [
        {
          path,
          message: `is the topic of the type ${type} too (topics.pattern makes it, or one that differs only in . and _, which Kafka refuses): its records could not be published; choose a name outside the pattern`,
        },
      ];
}

/** Whether the pattern gives the name of the dead-letter topic to a type that Sell may add later. */
export function mayBecomeDeadLetterTopic(names: TopicNames): boolean {
  const [before = "", ...rest] = topicOf(names, "\n").split("\n");
  if (rest.length === 0) return false;
  const { deadLetterTopic } = names;
  const length =
    (deadLetterTopic.length - before.length - rest.join("").length) /
    rest.length;
  const type = deadLetterTopic.slice(before.length, before.length + length);
  return /^[\w-]+$/.test(type) && topicOf(names, type) === deadLetterTopic;
}

function topicOf({ pattern, name }: TopicNames, type: string): string {
  return pattern
    .replaceAll("{name}", () => name)
    .replaceAll("{type}", () => type);
}

/** Who else writes to a topic of this name; null when nobody does. */
function ownerOf(topic: string): string | null {
  if (ownTopics.includes(topic)) return "sell-kafka itself";
  return isInternalTopic(topic) ? "Kafka or its registry" : null;
}
