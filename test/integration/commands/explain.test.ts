// `explain` finds the newest state of a record or its deletion, its history, its dead letters and what
// other programs wrote to its topic, and shows no contents.
import { describe, expect, it } from "vitest";
import { partitionOf } from "../../../src/kafka/client/partition-of.ts";
import { sellKafka } from "../../support/process/command.ts";
import {
  TRIAL_PARTITIONS,
  trialOf,
  type Trial,
} from "../../support/process/connector.ts";
import { servers, testKafka, writeRecords } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const contents = '{"id":7,"email":"ada@example.com","exact":1.0}';

/** A record that a person wrote. */
const byHand = {
  ...{ connector: null, ackKey: null },
  foreign: { why: "noHeaders", connector: null, value: "text, 7 bytes" },
};

function explain(trial: Trial, ...args: readonly string[]) {
  return sellKafka(["explain", ...args, "--config", trial.configPath]);
}

async function explained(trial: Trial, ...args: readonly string[]) {
  const { exitCode, stdout } = await explain(trial, ...args, "--json");
  return { exitCode, ...(JSON.parse(stdout) as object) };
}

describe.skipIf(servers === null)("explain", () => {
  it.each(["{name}.{type}", "{name}.all"])(
    "tells a record's newest state in %s, and not its contents",
    async (pattern) => {
      await using sell = await ScriptedSell.start([
        [pageOf([item({ id: 7 }), item({ id: 8, type: "deal" })])],
        [
          pageOf([
            item({ id: 7, revision: 2, eventType: "updated", data: contents }),
            item({ id: 8, type: "deal", revision: 2, eventType: "deleted" }),
          ]),
        ],
      ]);
      await using trial = await trialOf(sell.url, { topics: { pattern } });
      await trial.sync();
      await trial.sync();
      const topic = (type: string) =>
        pattern.replace("{name}", trial.name).replace("{type}", type);
      const key = pattern.includes("{type}") ? "7" : "contact:7";
      expect(await explained(trial, "contact", "7")).toMatchObject({
        ...{ exitCode: 0, type: "contact", id: "7", deadLetters: [] },
        ...{ state: "live", problem: null, suggestions: [] },
        latest: {
          ...{ topic: topic("contact"), key, revision: "2", op: "u" },
          partition: partitionOf(key, TRIAL_PARTITIONS),
          offset: expect.stringMatching(/^\d+$/) as string,
          time: expect.stringMatching(/^20\d\d-.*Z$/) as string,
          ...{ ackKey: "contact-7-2", connector: trial.name },
        },
      });
      // The tombstone behind the deletion.
      expect(await explained(trial, "deal", "8")).toMatchObject({
        ...{ exitCode: 0, state: "deleted" },
        latest: { topic: topic("deal"), op: "d", bytes: null, revision: "2" },
        foreign: { count: 0, isWhole: true, examples: [] },
      });
      const gone = await explain(trial, "deal", "8");
      expect(gone.stdout).toMatch(
        /^deal 8 is deleted in Kafka, since 20\d\d-\S+Z, by the record at offset \d+ of \S+ partition \d \(revision 2\):$/m,
      );

      const text = await explain(trial, "contact", "7");
      expect(text.stdout).toContain("contact 7 is in Kafka:");
      expect(text.stdout).toMatch(/^ {2}revision +2$/m);
      expect(text.stdout).not.toContain("ada@");
      const whole = await explain(trial, "contact", "7", "--value");
      expect(whole.stdout).toContain('"exact": 1.0');
      const json = await explain(trial, "contact", "7", "--value", "--json");
      const { value } = JSON.parse(json.stdout) as { value: string };
      expect(value).toContain(contents);
    },
  );

  it("tells of dead letters with the same key and type", async () => {
    await using sell = await ScriptedSell.start([
      [pageOf([item({ type: "a b", id: 7 }), item({ type: "c d", id: 7 })])],
    ]);
    await using trial = await trialOf(sell.url);
    await trial.sync();
    expect(await explained(trial, "a b", "7")).toMatchObject({
      exitCode: 0,
      latest: null,
      deadLetters: [{ type: "a b", key: "7", stage: "route" }],
    });
    const { stdout } = await explain(trial, "a b", "7");
    expect(stdout).toContain("a b 7 is not in Kafka: the type");
    expect(stdout).toMatch(/^dead letter \d\/0 of .*, waiting: route: /m);
  });

  it("says why there is nothing to tell", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using trial = await trialOf(sell.url);
    const before = await explain(trial, "contact", "1");
    expect(before).toMatchObject({ exitCode: 1, stderr: "" });
    expect(before.stdout).toContain("nothing was published yet");
    await trial.sync();
    const mistyped = await explain(trial, "contacts", "1");
    expect(mistyped.exitCode).toBe(1);
    expect(mistyped.stdout).toContain(
      "the types that have one are contact\ndid you mean contact?\n",
    );
    expect(await explained(trial, "Loss Reason", "1")).toMatchObject({
      ...{ exitCode: 1, state: "absent", suggestions: ["loss_reason"] },
      problem: expect.stringContaining("makes no legal topic name") as string,
    });
    // A type that exists and was not published yet is no mistake.
    expect(await explained(trial, "deal", "1")).toMatchObject({
      suggestions: [],
    });
    const unknown = await explain(trial, "contact", "2");
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stdout).toContain("has the key 2");
    expect(await explained(trial, "contact", "2")).toMatchObject({
      latest: null,
      deadLetters: [],
    });
  });

  it("suggests a type also where one topic holds all types", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using trial = await trialOf(sell.url, {
      topics: { pattern: "{name}.all" },
    });
    await trial.sync();
    const { stdout } = await explain(trial, "contacts", "1");
    expect(stdout).toContain("did you mean contact?");
  });

  it("shows the history of a record, each change once, with its dead letters", async () => {
    const change = (revision: number, more: object = {}) =>
      pageOf([item({ id: 7, revision, eventType: "updated", ...more })]);
    const large = JSON.stringify({ id: 7, text: "x".repeat(3_000_000) });
    await using sell = await ScriptedSell.start([
      [change(1)],
      [change(1)],
      [change(2, { data: large })],
      [change(3)],
      [change(4, { eventType: "deleted" })],
    ]);
    await using trial = await trialOf(sell.url, {
      kafka: { brokers: servers?.brokers, compression: "none" },
    });
    for (let times = 0; times < 5; times++) await trial.sync();
    const topic = `${trial.name}.contact`;
    const transactional = testKafka().producer({
      transactionalId: `${trial.name}-other`,
    });
    await transactional.connect();
    const transaction = await transactional.transaction();
    await transaction.send({ topic, messages: [{ key: "7", value: "never" }] });
    await transaction.abort();
    await transactional.disconnect();
    // Another partition than the connector's own, as other programs choose them.
    const elsewhere =
      (partitionOf("7", TRIAL_PARTITIONS) + 1) % TRIAL_PARTITIONS;
    const message = { key: "7", value: "by hand", partition: elsewhere };
    await writeRecords(topic, [message]);

    const all = await explained(trial, "contact", "7", "--history");
    expect(all).toMatchObject({
      ...{ exitCode: 0, state: "deleted" },
      history: {
        omitted: 0,
        entries: [
          { kind: "event", revision: "1", op: "u", copies: 2, again: false },
          { kind: "deadLetter", state: "waiting" },
          { kind: "event", revision: "3", op: "u", ackKey: "contact-7-3" },
          { kind: "event", revision: "4", op: "d" },
          { kind: "tombstone", revision: "4", bytes: null },
          { kind: "event", partition: elsewhere, ...byHand },
        ],
      },
      foreign: { isWhole: true, count: 1, examples: [byHand] },
    });
    const { stdout } = await explain(
      ...[trial, "contact", "7", "--history", "--limit", "2"],
    );
    expect(stdout).toContain("without 4 older entries (--limit)");
    expect(stdout).not.toContain("by hand");
    expect(await explain(trial, "contact", "7", "--limit", "2")).toMatchObject({
      exitCode: 2,
      stdout: "",
    });
  });

  it("names what other programs wrote to the topic", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item({ id: 7 })])]]);
    await using trial = await trialOf(sell.url);
    await trial.sync();
    const headers = {
      "sell.connector": "erp",
      "sell.type": "x".repeat(100_000),
    };
    const framed = Buffer.from([0, 0, 0, 0, 9, 1, 2]);
    await writeRecords(`${trial.name}.contact`, [
      { key: "7", value: '{"secret":1}', headers },
      { key: "\u001b[31m", value: "hi" },
      { key: "8", value: framed, headers: { "sell.connector": trial.name } },
    ]);
    const found = await explained(trial, "contact", "7");
    expect(found).toMatchObject({
      state: "live",
      latest: {
        connector: "erp",
        foreign: { why: "otherConnector", value: "a JSON object, 12 bytes" },
      },
      foreign: { read: 4, isWhole: true, count: 3 },
    });
    const { stdout } = await explain(trial, "contact", "7");
    expect(stdout).toContain(
      "this connector did not write that record: the connector erp wrote it",
    );
    expect(stdout).toContain("3 of the 4 records in");
    expect(stdout).toContain("binary behind schema id 9, 7 bytes");
    expect(stdout).toContain(String.raw`key \u001b[31m`);
    expect(stdout).not.toMatch(/secret|\u001b|x{200}/);
  });

  it("finds a record behind many others", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using trial = await trialOf(sell.url, { topics: { partitions: 1 } });
    await trial.sync();
    const messages = Array.from({ length: 10_050 }, (_, n) => ({
      key: `other-${n}`,
      value: null,
    }));
    await writeRecords(`${trial.name}.contact`, messages);
    expect(await explained(trial, "contact", "1")).toMatchObject({
      latest: { offset: "0", revision: "1", op: "c" },
      // Not the whole topic is read for what other programs wrote.
      foreign: { read: 2_000, count: 2_000, isWhole: false },
    });
  });
});
