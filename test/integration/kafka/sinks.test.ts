/** Every sink keeps the promises of the conformance suite; the Kafka ones on a real broker. */
import { randomBytes } from "node:crypto";
import { describe } from "vitest";
import { ProducerState } from "../../../src/kafka/write/producer-state.ts";
import { KafkaWriter } from "../../../src/kafka/write/kafka-writer.ts";
import { systemClock as clock } from "../../../src/lib/clock.ts";
import { JOURNAL_TOPIC } from "../../../src/lib/kafka-topics.ts";
import { Journal } from "../../../src/publish/exactly-once/journal.ts";
import { exactlyOnceOn } from "../../../src/app/context/shared-resources.ts";
import { TransactionalSink } from "../../../src/publish/exactly-once/transactional-sink.ts";
import { TransactionalWriter } from "../../../src/publish/exactly-once/transactional-writer.ts";
import type { Sink } from "../../../src/publish/sink.ts";
import {
  KafkaSink,
  SharedWriter,
} from "../../../src/publish/sinks/kafka-sink.ts";
import { StdoutSink } from "../../../src/publish/sinks/stdout-sink.ts";
import { listTopicsOf, Topics } from "../../../src/publish/topics/topics.ts";
import {
  conformingSink,
  type ReadBack,
  type SinkTrial,
} from "../../publish/sink-conformance.ts";
import { readTopics, servers, testKafka } from "../../support/kafka/kafka.ts";

/** The topics take less than this in one record, though a write may hold it beside others. */
const REFUSED_BYTES = 200_000;
const MAX_MESSAGE_BYTES = "100000";
const mayWrite = () => undefined;
const retrying = () => undefined;

function newPrefix(): string {
  return `sink-${randomBytes(5).toString("hex")}`;
}

function topicsOf(prefix: string): Topics {
  return new Topics({
    kafka: testKafka(),
    topicListing: listTopicsOf(testKafka()),
    clock,
    create: true,
    maxCreated: 10_000,
    isTarget: (topic) => topic.startsWith(prefix),
    partitions: 1,
    replicationFactor: 1,
    defaultReplication: () => Promise.resolve(1),
    config: { "max.message.bytes": MAX_MESSAGE_BYTES },
    deadLetterTopic: `${prefix}.dead`,
    journalTopic: JOURNAL_TOPIC,
    markersTopic: null,
    retrying,
  });
}

function trialOn(prefix: string, sink: Sink): SinkTrial {
  return {
    sink,
    prefix,
    read: async (topic) =>
      (await readTopics((name) => name === topic)).map(
        ({ key, value, headers }) => ({
          key,
          value: value === null ? null : String(value),
          headers,
        }),
      ),
    [Symbol.asyncDispose]: () => sink.close(),
  };
}

describe.skipIf(servers === null)("a sink in Kafka", () => {
  conformingSink({
    name: "Kafka, at least once",
    refusedBytes: REFUSED_BYTES,
    start: () => {
      const prefix = newPrefix();
      const shared = new SharedWriter(
        new KafkaWriter(testKafka(), "none", clock),
      );
      const author = { producer: new ProducerState(), mayWrite };
      const topics = topicsOf(prefix);
      const sink = new KafkaSink({ shared, author, topics, clock });
      return Promise.resolve(trialOn(prefix, sink));
    },
  });

  conformingSink({
    name: "Kafka, exactly once",
    refusedBytes: REFUSED_BYTES,
    start: async () => {
      const prefix = newPrefix();
      const kafka = testKafka();
      const journal = new Journal(`device-of-${prefix}`);
      const topics = topicsOf(prefix);
      await topics.prepare([JOURNAL_TOPIC], new AbortController().signal);
      const shared = exactlyOnceOn(kafka, clock);
      const writer = new TransactionalWriter({
        kafka,
        compression: "none",
        connectorName: prefix,
        journal,
        mayWrite,
        clock,
        feed: shared.journal,
        connections: shared.transactions,
      });
      const options = { writer, journal, topics, clock, retrying };
      return trialOn(prefix, new TransactionalSink(options));
    },
  });
});

conformingSink({
  name: "standard output",
  refusedBytes: null,
  start: () => {
    const prefix = newPrefix();
    let printed = "";
    const sink = new StdoutSink((text) => {
      printed += text;
      return Promise.resolve();
    });
    return Promise.resolve({
      ...trialOn(prefix, sink),
      read: (topic: string) =>
        Promise.resolve(
          printed.split("\n").flatMap((line) => readLine(line, topic)),
        ),
    });
  },
});

/** The record in a printed line of the topic; its value is the text that stands in the line. */
function readLine(line: string, topic: string): ReadBack[] {
  if (line === "") return [];
  const record = JSON.parse(line) as ReadBack & { topic: string };
  if (record.topic !== topic) return [];
  const { key, headers } = record;
  const text = line.slice(line.indexOf('"value":') + '"value":'.length, -1);
  return [{ key, headers, value: text === "null" ? null : text }];
}
