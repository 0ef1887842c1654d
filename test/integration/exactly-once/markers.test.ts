// The marker of a complete drain lies behind every record of it, as docs/formats.md shows it, and is
// written in one of the connector's own transactions.
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigResourceTypes } from "../../../src/kafka/client/kafkajs.ts";
import { DEFAULT_MARKERS_TOPIC } from "../../../src/lib/kafka-topics.ts";
import { blocksOf } from "../../support/documents/markdown.ts";
import { readTopics, servers, testKafka } from "../../support/kafka/kafka.ts";
import { trialOf, type Trial } from "../../support/process/connector.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

interface Marker {
  readonly isFirst: boolean;
  readonly device: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly endOffsets: Readonly<
    Record<string, Readonly<Record<string, number>>>
  >;
}

async function markersOf({ name }: Trial): Promise<Marker[]> {
  const records = await readTopics((topic) => topic === DEFAULT_MARKERS_TOPIC);
  return records
    .filter(({ key }) => key === name)
    .map(({ value }) => JSON.parse(value?.toString() ?? "") as Marker);
}

const pages = [
  [pageOf([item({ id: 1 }), item({ id: 2 }), item({ type: "deal", id: 3 })])],
  [pageOf([item({ id: 4 })])],
];

describe.skipIf(servers === null)("markers of complete drains", () => {
  it.each(["exactly-once", "at-least-once"])(
    "with %s delivery are written for the first drain of a device, and not after a restart",
    async (guarantee) => {
      await using sell = await ScriptedSell.start(pages);
      await using trial = await trialOf(sell.url, {
        delivery: { guarantee },
        topics: { partitions: 2 },
      });
      expect(await trial.sync()).toMatchObject({ exitCode: 0 });
      expect(await trial.sync("--stdout")).toMatchObject({ exitCode: 0 });
      expect(await trial.sync()).toMatchObject({ exitCode: 0 });
      const markers = await markersOf(trial);
      expect(markers).toMatchObject([
        {
          connector: trial.name,
          isFirst: true,
          counts: { contact: 2, deal: 1 },
        },
      ]);
      const [marker] = markers;
      const [example] = blocksOf("docs/formats.md").filter(
        ({ origin }) =>
          origin?.name === "test/integration/exactly-once/markers.test.ts",
      );
      expect(Object.keys(marker ?? {})).toEqual(
        Object.keys(JSON.parse(example?.text ?? "") as object),
      );

      const records = await readTopics(trial.owns);
      const ends = marker?.endOffsets ?? {};
      expect(Object.keys(ends)).toEqual(
        ["contact", "deal"].map((type) => `${trial.name}.${type}`),
      );
      const before = records.filter(
        ({ topic, partition, offset }) =>
          Number(offset) < (ends[topic]?.[partition] ?? 0),
      );
      expect(before).toHaveLength(3);
    },
  );

  it("are kept for ever in a topic that is created for them", async () => {
    const markers = `markers-${randomBytes(5).toString("hex")}`;
    await using sell = await ScriptedSell.start([]);
    await using trial = await trialOf(sell.url, { topics: { markers } });
    expect(await trial.sync()).toMatchObject({ exitCode: 0 });
    const admin = testKafka().admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: markers }],
    });
    await admin.disconnect();
    const settings = resources[0]?.configEntries.map(
      ({ configName, configValue }) => [configName, configValue] as const,
    );
    expect(Object.fromEntries(settings ?? [])).toMatchObject({
      "cleanup.policy": "delete",
      "retention.ms": "-1",
      "retention.bytes": "-1",
    });
  });

  it("are not written where none is wanted", async () => {
    await using sell = await ScriptedSell.start(pages);
    await using trial = await trialOf(sell.url, {
      topics: { markers: null },
    });
    expect(await trial.sync()).toMatchObject({ exitCode: 0 });
    expect(await markersOf(trial)).toEqual([]);
  });
});
