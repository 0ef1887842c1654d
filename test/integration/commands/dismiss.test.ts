// A dismissal whose commit gets no answer marks each dead letter, whether or not the commit happened.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { overviewOf } from "../../../src/dead-letters/dead-letter-groups.ts";
import { Dismissing } from "../../../src/dead-letters/dismissal.ts";
import { UnavailableFault } from "../../../src/domain/faults.ts";
import { SharedConnections } from "../../../src/kafka/client/shared-connections.ts";
import { TransactionalProducer } from "../../../src/kafka/write/transactional-producer.ts";
import { systemClock as clock } from "../../../src/lib/clock.ts";
import {
  createTopics,
  readTopics,
  servers,
  testKafka,
  writeRecords,
} from "../../support/kafka/kafka.ts";
import { item } from "../../support/sell/scripted-sell.ts";

const LETTERS = 1_200;

describe.skipIf(servers === null)(
  "a dismissal whose commit gets no answer",
  () => {
    it.each(["after", "before"])(
      "marks each dead letter once, when it fails %s it happened",
      async (moment) => {
        const kafka = testKafka();
        const deadLetterTopic = `dismiss-${randomUUID()}`;
        await createTopics([{ topic: deadLetterTopic, numPartitions: 2 }]);
        await writeRecords(
          deadLetterTopic,
          Array.from({ length: LETTERS }, (_, id) => ({
            key: String(id),
            value: item({ id }),
            headers: { "error.stage": "route", "sell.type": "a b" },
          })),
        );
        await using connections = new SharedConnections({
          kafka,
          clock,
          atMost: 1,
        });
        await using producer = new TransactionalProducer({
          connections,
          clock,
          compression: "gzip",
          transactionalId: deadLetterTopic,
        });
        let commits = 0;
        const told: string[] = [];
        const topic = { kafka, clock, deadLetterTopic };
        const dismissing = new Dismissing({
          ...topic,
          producer: {
            open: (signal) => producer.open(signal),
            commit: async (...args) => {
              const isLost = ++commits === 2;
              const answers =
                !isLost || moment === "after"
                  ? await producer.commit(...args)
                  : [];
              if (isLost) throw new UnavailableFault("the answer was lost");
              return answers;
            },
          },
          isSelected: ({ key }) => key !== "7",
          dismissal: { time: "t", by: "ada@ops", reason: "spam" },
          dismissed: ({ id }) => {
            told.push(id);
          },
        });
        const { signal } = new AbortController();
        expect(
          await dismissing.run({ stopping: signal, givingUp: signal }),
        ).toBe(true);
        expect(commits).toBeGreaterThan(2);
        expect(new Set(told).size).toBe(LETTERS - 1);
        expect(told).toHaveLength(LETTERS - 1);
        const overview = await overviewOf(topic, () => true, signal);
        expect(overview.counts).toEqual({
          waiting: 1,
          replayed: 0,
          dismissed: LETTERS - 1,
          incomplete: 0,
        });
        expect(overview.groups("dismissed")).toMatchObject([
          { count: LETTERS - 1, dismissal: { by: "ada@ops", reason: "spam" } },
        ]);
        const markers = (
          await readTopics((name) => name === deadLetterTopic)
        ).filter(({ headers }) => "dismiss.of" in headers);
        expect(markers).toHaveLength(LETTERS - 1);
        expect(markers[0]?.headers).toMatchObject({
          "sell.type": "a b",
          "dismiss.reason": "spam",
        });
      },
    );
  },
);
