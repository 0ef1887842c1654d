// Journal entries hold for one connector and one epoch, and hide no record that comes back with its key.
import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { partitionOf } from "../../../src/kafka/client/partition-of.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import {
  trialOf,
  type Overrides,
  type Trial,
} from "../../support/process/connector.ts";
import {
  countPartitions,
  readTopics,
  servers,
  testKafka,
} from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";
import { JOURNAL_TOPIC } from "../../../src/lib/kafka-topics.ts";

const exactlyOnce: Overrides = { delivery: { guarantee: "exactly-once" } };

async function deleteTopicsOf(trial: Trial): Promise<void> {
  const admin = testKafka().admin();
  await admin.connect();
  try {
    const topics = await admin.listTopics();
    await admin.deleteTopics({ topics: topics.filter(trial.owns) });
    trial.proxy.forget();
  } finally {
    await admin.disconnect();
  }
}

async function raiseEpoch({ configPath }: Trial): Promise<void> {
  const config = JSON.parse(await readFile(configPath, "utf8")) as {
    sell: { epoch?: number };
  };
  config.sell.epoch = 1;
  await writeFile(configPath, JSON.stringify(config));
}

describe.skipIf(servers === null)("a journal entry", () => {
  it("is no reason to leave out anything once topics are deleted and the epoch is raised", async () => {
    await using simulator = await Simulator.start({ records: 200 });
    await using trial = await trialOf(simulator.url, exactlyOnce);
    expect((await trial.sync()).summary).toMatchObject({ published: 200 });
    await deleteTopicsOf(trial);
    await raiseEpoch(trial);
    const again = await trial.sync();
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.summary).toMatchObject({ published: 200, duplicates: 0 });
    expect(await readTopics(trial.owns)).toHaveLength(200);
  });

  it("of one connector says nothing to another whose keys and records are the same", async () => {
    const items = Array.from({ length: 50 }, (_, id) => item({ id }));
    const session = [pageOf(items)];
    await using sell = await ScriptedSell.start([session, session]);
    await using one = await trialOf(sell.url, exactlyOnce);
    expect((await one.sync()).summary).toMatchObject({ published: 50 });
    await using other = await neighbourOf(one, sell.url);
    expect((await other.sync()).summary).toMatchObject({ published: 50 });
    for (const { owns } of [one, other])
      expect(await readTopics(owns)).toHaveLength(50);
  });

  it("does not hide a record that was out of reach and is back with the same key", async () => {
    const there = pageOf([item()]);
    const gone = pageOf([
      item({
        eventType: "deleted",
        data: '{"id":1}',
        ackKey: "contact-1-gone",
      }),
    ]);
    await using sell = await ScriptedSell.start([[there], [gone], [there]]);
    await using trial = await trialOf(sell.url, exactlyOnce);
    for (const session of ["there", "gone", "back"])
      expect(await trial.sync(), session).toMatchObject({
        exitCode: 0,
        summary: { published: 1, duplicates: 0 },
      });
    const records = await readTopics(trial.owns);
    expect(records.map(({ value }) => value !== null)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});

/** A connector whose name chooses the same partition of the journal. */
async function neighbourOf(one: Trial, sellUrl: string): Promise<Trial> {
  const count = await countPartitions(JOURNAL_TOPIC);
  for (;;) {
    const other = await trialOf(sellUrl, exactlyOnce);
    if (partitionOf(other.name, count) === partitionOf(one.name, count))
      return other;
    await other[Symbol.asyncDispose]();
  }
}
