// A replay whose commit gets no answer publishes each dead letter once, whether or not it happened.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  Replay,
  type ReplayOutcome,
  type ReplayOptions,
} from "../../../src/dead-letters/replay.ts";
import { createEncoder } from "../../../src/format/create-encoder.ts";
import { Router } from "../../../src/publish/topics/router.ts";
import { SharedConnections } from "../../../src/kafka/client/shared-connections.ts";
import { TransactionalProducer } from "../../../src/kafka/write/transactional-producer.ts";
import { systemClock as clock } from "../../../src/lib/clock.ts";
import { UnavailableFault } from "../../../src/domain/faults.ts";
import {
  createTopics,
  readTopics,
  servers,
  testKafka,
  writeRecords,
} from "../../support/kafka/kafka.ts";
import { item } from "../../support/sell/scripted-sell.ts";

type Commit = TransactionalProducer["commit"];

const LETTERS = 1_200;

/** A topic of dead letters, and a replay whose commits a test may disturb. */
async function replayWith(disturb: (commit: Commit) => Commit) {
  const kafka = testKafka();
  const name = `replay-${randomUUID()}`;
  const deadLetterTopic = `${name}-dead-letter`;
  await createTopics(
    [deadLetterTopic, name].map((topic) => ({ topic, numPartitions: 2 })),
  );
  await writeRecords(
    deadLetterTopic,
    Array.from({ length: LETTERS }, (_, id) => ({
      key: String(id),
      value: item({ id }),
      headers: { "error.stage": "route" },
    })),
  );

  await using connections = new SharedConnections({ kafka, clock, atMost: 1 });
  await using transactional = new TransactionalProducer({
    connections,
    clock,
    compression: "gzip",
    transactionalId: name,
  });
  const outcomes: ReplayOutcome[] = [];
  const options: ReplayOptions = {
    kafka,
    clock,
    deadLetterTopic,
    topics: null,
    router: new Router({
      connectorName: name,
      pattern: "{name}",
      reserved: [],
    }),
    encoder: createEncoder({
      envelope: "flat",
      value: "json",
      tombstones: true,
      origin: { version: "1.0.0", connectorName: name, device: "d" },
      registry: null,
      autoRegister: true,
      topicPerType: false,
      clock,
    }),
    isSelected: () => true,
    undoesDismissals: false,
    settled: (outcome) => {
      outcomes.push(outcome);
    },
    producer: {
      get isOpen() {
        return transactional.isOpen;
      },
      open: (signal) => transactional.open(signal),
      commit: disturb((...args) => transactional.commit(...args)),
    },
  };
  const { signal } = new AbortController();
  const signals = { stopping: signal, givingUp: signal };
  expect(await new Replay(options).run(signals)).toBe(true);
  const records = await readTopics((topic) => topic === name);
  return { records, outcomes };
}

describe.skipIf(servers === null)(
  "a replay whose commit gets no answer",
  () => {
    it.each(["after", "before"])(
      "publishes each letter once, when it fails %s it happened",
      async (moment) => {
        let commits = 0;
        const { records, outcomes } = await replayWith(
          (commit) =>
            async (...args) => {
              const isLost = ++commits === 2;
              const answers =
                !isLost || moment === "after" ? await commit(...args) : [];
              if (isLost) throw new UnavailableFault("the answer was lost");
              return answers;
            },
        );
        expect(commits).toBeGreaterThan(2);
        expect(outcomes).toHaveLength(LETTERS);
        expect(records).toHaveLength(LETTERS);
        expect(new Set(records.map(({ key }) => key)).size).toBe(LETTERS);
      },
    );
  },
);
