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
  /** Null where none is written. */
  readonly markers: string | null;
}

/** Topic names with which no record, or no dead-letter record, could ever be published. */
export function topicContradictionsIn(names: TopicNames): Problem[] {
  return [...patternProblems(names), ...problemsBeside(names)];
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

/** A topic beside those of the records: its setting, its name, and what goes there. */
interface TopicBeside {
  readonly path: string;
  readonly topic: string;
  readonly holds: string;
}

function topicsBeside({ deadLetterTopic, markers }: TopicNames): TopicBeside[] {
  const deadLetters = {
    path: "delivery.deadLetterTopic",
    topic: deadLetterTopic,
    holds: "dead letters",
  };
  return markers === null
    ? [deadLetters]
    : [
        deadLetters,
        { path: "topics.markers", topic: markers, holds: "markers" },
      ];
}

function problemsBeside(names: TopicNames): Problem[] {
  const { deadLetterTopic, markers } = names;
  const problems = topicsBeside(names).flatMap(({ path, topic, holds }) => {
    const message = problemOf(topic, holds, names);
    return message === null ? [] : [{ path, message }];
  });
  const isOne = markers !== null && collide(deadLetterTopic, markers);
  return isOne
    ? [
        ...problems,
        {
          path: "topics.markers",
          message:
            "is the dead-letter topic too (delivery.deadLetterTopic is the same, or differs only in . and _, which Kafka refuses); choose another name",
        },
      ]
    : problems;
}

function problemOf(
  topic: string,
  holds: string,
  names: TopicNames,
): string | null {
  const owner = ownerOf(topic);
  if (owner !== null)
    return `names a topic of ${owner}, which takes no ${holds}; choose another name`;
  if (!names.pattern.includes("{type}"))
    return collide(topicOf(names, ""), topic)
      ? "is the topic of the records too (topics.pattern makes it, or one that differs only in . and _, which Kafka refuses): no record could be published; choose another name"
      : null;
  const type = resourceTypes.find((one) => collide(topicOf(names, one), topic));
  return type === undefined
    ? null
    : `is the topic of the type ${type} too (topics.pattern makes it, or one that differs only in . and _, which Kafka refuses): its records could not be published; choose a name outside the pattern`;
}

/** The topics beside the records whose names the pattern gives to a type that Sell may add later. */
export function topicsWithinPattern(names: TopicNames): TopicBeside[] {
  return topicsBeside(names).filter(({ topic }) => mayBecome(names, topic));
}

function mayBecome(names: TopicNames, topic: string): boolean {
  const [before = "", ...rest] = topicOf(names, "\n").split("\n");
  if (rest.length === 0) return false;
  const length =
    (topic.length - before.length - rest.join("").length) / rest.length;
  const type = topic.slice(before.length, before.length + length);
  return /^[\w-]+$/.test(type) && topicOf(names, type) === topic;
}

function topicOf(
  { pattern, name }: Pick<TopicNames, "pattern" | "name">,
  type: string,
): string {
  return pattern
    .replaceAll("{name}", () => name)
    .replaceAll("{type}", () => type);
}

/** Who else writes to a topic of this name; null when nobody does. */
function ownerOf(topic: string): string | null {
  if (ownTopics.includes(topic)) return "sell-kafka itself";
  return isInternalTopic(topic) ? "Kafka or its registry" : null;
}
