// Each compression is readable by a consumer, and created topics have the configuration's settings.
import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf } from "../../support/process/connector.ts";
import { readTopics, servers, testKafka } from "../../support/kafka/kafka.ts";

describe.skipIf(servers === null)("compression", () => {
  it.each(["none", "gzip", "snappy", "lz4", "zstd"])(
    "writes %s that a consumer reads",
    async (compression) => {
      await using simulator = await Simulator.start({ records: 200 });
      await using trial = await trialOf(simulator.url, {
        kafka: { compression },
        topics: { pattern: "{name}.all", partitions: 1 },
      });
      const { exitCode } = await trial.sync();
      expect(exitCode).toBe(0);
      const records = await readTopics(trial.owns);
      expect(records).toHaveLength(200);
      for (const { value } of records)
        expect(JSON.parse(String(value))).toHaveProperty("after");
    },
  );
});

describe.skipIf(servers === null)("created topics", () => {
  it("have the partitions and settings of the configuration", async () => {
    await using simulator = await Simulator.start({ records: 30 });
    await using trial = await trialOf(simulator.url, {
      topics: {
        partitions: 3,
        config: { "cleanup.policy": "compact", "segment.ms": "3600000" },
      },
    });
    await trial.sync();
    const admin = testKafka().admin();
    await admin.connect();
    try {
      const topic = `${trial.name}.contact`;
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]?.partitions).toHaveLength(3);
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
      });
      const settings = Object.fromEntries(
        (resources[0]?.configEntries ?? []).map((entry) => [
          entry.configName,
          entry.configValue,
        ]),
      );
      expect(settings).toMatchObject({
        "cleanup.policy": "compact",
        "segment.ms": "3600000",
      });
    } finally {
      await admin.disconnect();
    }
  });
});
