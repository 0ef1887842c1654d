// With exactly-once delivery each item is in Kafka once with its journal entry: over repeated items,
// repeated sessions, a crash between commit and acknowledgement, and two processes under one name.
import { describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf, type Overrides } from "../../support/process/connector.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import type { Consumed } from "../../support/kafka/read-topics.ts";
import { Program } from "../../support/process/program.ts";
import { runningOn } from "../../support/process/running.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";
import { JOURNAL_TOPIC } from "../../../src/lib/kafka-topics.ts";

const exactlyOnce: Overrides = { delivery: { guarantee: "exactly-once" } };

function ackKeys(records: readonly Consumed[]): string[] {
  return records
    .filter(({ value }) => value !== null)
    .map(({ headers }) => String(headers["sell.ack_key"]))
    .sort();
}

describe.skipIf(servers === null)("exactly-once delivery", () => {
  it("publishes everything once, each with its journal entry", async () => {
    await using simulator = await Simulator.start({ records: 1_000 });
    await using trial = await trialOf(simulator.url, exactlyOnce);
    const first = await trial.sync();
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.summary).toMatchObject({
      published: 1_000,
      acknowledged: 1_000,
      duplicates: 0,
    });
    const second = await trial.sync();
    expect(second.summary).toMatchObject({ fetched: 0, published: 0 });
    expect(trial.proxy.broken).toEqual([]);

    const published = ackKeys(await readTopics(trial.owns));
    expect(new Set(published).size).toBe(1_000);
    expect(published).toHaveLength(1_000);
    const [device] = Object.keys(simulator.state().devices);
    const journal = await readTopics((topic) => topic === JOURNAL_TOPIC);
    const entries = journal.filter(({ key }) => key.startsWith(`${device}/`));
    expect(entries.map(({ key }) => key.split("/")[1]).sort()).toEqual(
      published,
    );
    expect(new Set(entries.map(({ partition }) => partition)).size).toBe(1);
  });

  it("publishes an item that comes again no second time", async () => {
    const page = pageOf([item({ id: 1 }), item({ id: 2 })]);
    const changed = pageOf([item({ id: 1, data: '{"id":1,"name":"other"}' })]);
    await using sell = await ScriptedSell.start([[page], [page], [changed]]);
    await using trial = await trialOf(sell.url, exactlyOnce);
    expect((await trial.sync()).summary).toMatchObject({ published: 2 });
    const again = await trial.sync();
    expect(again.exitCode).toBe(0);
    expect(again.summary).toMatchObject({
      published: 0,
      duplicates: 2,
      acknowledged: 2,
    });
    expect((await trial.sync()).summary).toMatchObject({ published: 1 });
    expect(await readTopics(trial.owns)).toHaveLength(3);
  });

  it.each([true, false])(
    "publishes an accepted key no second time behind a newer one, in a new process (revisions: %s)",
    async (hasRevision) => {
      const at = (number: number) =>
        pageOf([
          item({
            id: 1,
            ackKey: `C-1-${number}`,
            data: `{"id":1,"number":${number}}`,
            revision: hasRevision ? number : null,
          }),
        ]);
      await using sell = await ScriptedSell.start([[at(1)], [at(2)], [at(1)]]);
      await using trial = await trialOf(sell.url, exactlyOnce);
      for (const number of [1, 2])
        expect((await trial.sync()).summary, String(number)).toMatchObject({
          published: 1,
        });
      const again = await trial.sync();
      expect(again.exitCode).toBe(0);
      expect(again.summary).toMatchObject({ published: 0, duplicates: 1 });
      expect(ackKeys(await readTopics(trial.owns))).toEqual(["C-1-1", "C-1-2"]);
    },
  );

  it("completes a drain in which an accepted key comes again behind a newer one", async () => {
    const at = (revision: number) =>
      pageOf([item({ id: 1, revision, data: `{"id":1,"n":${revision}}` })]);
    await using sell = await ScriptedSell.start([[at(1), at(2)], [at(1)]]);
    await using running = await runningOn(sell.url, {
      ...exactlyOnce,
      sell: { pollIntervalMs: 1_000 },
    });
    await expect.poll(() => sell.acknowledged.length).toBe(3);
    expect(sell.acknowledged.at(-1)).toBe("contact-1-1");
    const { trial } = running;
    expect(ackKeys(await readTopics(trial.owns))).toEqual([
      "contact-1-1",
      "contact-1-2",
    ]);
  });

  it("publishes an item that comes twice in one session once", async () => {
    const page = pageOf([item(), item()]);
    await using sell = await ScriptedSell.start([[page, page]]);
    await using trial = await trialOf(sell.url, exactlyOnce);
    expect((await trial.sync()).summary).toMatchObject({
      fetched: 4,
      published: 1,
      duplicates: 3,
      acknowledged: 1,
    });
    expect(await readTopics(trial.owns)).toHaveLength(1);
  });

  it("acknowledges after a crash what it had committed, before it asks for more", async () => {
    const page = pageOf([item({ id: 1 }), item({ id: 2 })]);
    await using sell = await ScriptedSell.start([[page], [page]]);
    sell.holdsAcks = true;
    await using trial = await trialOf(sell.url, exactlyOnce);
    await using program = new Program(["run", "--config", trial.configPath]);
    await trial.proxy.acknowledged(2);
    program.kill("SIGKILL");
    await program.ended;
    sell.holdsAcks = false;

    const { summary } = await trial.sync();
    expect(summary).toMatchObject({ published: 0, duplicates: 2 });
    expect(sell.log).toEqual([
      ...["start", "queue", "queue"],
      ...["ack", "start", "queue", "queue", "ack"],
    ]);
    expect(await readTopics(trial.owns)).toHaveLength(2);
  });

  it("settles dead letters in the same way", async () => {
    const oversize = item({
      id: 3,
      data: JSON.stringify({ id: 3, text: "x".repeat(2_000_000) }),
    });
    const page = pageOf([item(), '{"data":{"id":9}}', oversize]);
    await using sell = await ScriptedSell.start([[page], [page]]);
    await using trial = await trialOf(sell.url, {
      ...exactlyOnce,
      kafka: { compression: "none" },
    });
    expect((await trial.sync()).summary).toMatchObject({
      published: 1,
      deadLettered: 2,
      acknowledged: 2,
    });
    expect((await trial.sync()).summary).toMatchObject({
      published: 0,
      deadLettered: 1,
      duplicates: 2,
    });
    const letters = (await readTopics(trial.owns)).filter(
      ({ topic }) => topic === trial.deadLetterTopic,
    );
    const sets = new Set(letters.map(({ headers }) => headers["chunk.set"]));
    sets.delete(undefined);
    expect(sets.size).toBe(1);
  });

  // They may shut each other out for some time before one of them knows.
  it(
    "lets only one of two processes publish under a name",
    { timeout: 150_000 },
    async () => {
      await using simulator = await Simulator.start({
        records: 300,
        pageSize: 20,
        latencyMs: 10,
        changesPerSecond: 20,
      });
      await using trial = await trialOf(simulator.url, {
        ...exactlyOnce,
        sell: { pollIntervalMs: 1_000 },
      });
      const args = ["run", "--config", trial.configPath];
      await using one = new Program(args);
      await trial.proxy.acknowledged(40);
      await using other = new Program(args);
      const first = await Promise.race([one.ended, other.ended]);
      expect(first.code).toBe(1);
      const output = one.stderr + other.stderr;
      expect(output).toContain("another process publishes under the name");
      simulator.stopChanges();
      one.kill("SIGTERM");
      other.kill("SIGTERM");
      await Promise.all([one.ended, other.ended]);
      expect(await trial.sync()).toMatchObject({ exitCode: 0 });

      const published = ackKeys(await readTopics(trial.owns));
      const known = new Set<string>();
      const repeated = published.filter(
        (key) => known.size === known.add(key).size,
      );
      expect(repeated).toEqual([]);
      expect(trial.proxy.broken).toEqual([]);
    },
  );
});
