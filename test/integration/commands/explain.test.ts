// `explain` finds the newest state of a record and its dead letters, and shows no contents.
import { describe, expect, it } from "vitest";
import { partitionOf } from "../../../src/kafka/client/partition-of.ts";
import { sellKafka } from "../../support/process/command.ts";
import { trialOf, type Trial } from "../../support/process/connector.ts";
import { servers, testKafka } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const contents = '{"id":7,"email":"ada@example.com","exact":1.0}';

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
        latest: {
          ...{ topic: topic("contact"), key, revision: "2", op: "u" },
          partition: partitionOf(key, 6),
          offset: expect.stringMatching(/^\d+$/) as string,
          time: expect.stringMatching(/^20\d\d-.*Z$/) as string,
          ...{ ackKey: "contact-7-2", connector: trial.name },
        },
      });
      // The tombstone behind the deletion.
      expect(await explained(trial, "deal", "8")).toMatchObject({
        latest: { topic: topic("deal"), op: "d", bytes: null, revision: "2" },
      });

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
    expect(mistyped.stdout).toContain("the types that have one are contact\n");
    const unknown = await explain(trial, "contact", "2");
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stdout).toContain("has the key 2");
    expect(await explained(trial, "contact", "2")).toMatchObject({
      latest: null,
      deadLetters: [],
    });
  });

  it("finds a record behind many others", async () => {
    await using sell = await ScriptedSell.start([[pageOf([item()])]]);
    await using trial = await trialOf(sell.url, { topics: { partitions: 1 } });
    await trial.sync();
    const producer = testKafka().producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const messages = Array.from({ length: 10_050 }, (_, n) => ({
      key: `other-${n}`,
      value: null,
    }));
    await producer.send({ topic: `${trial.name}.contact`, messages });
    await producer.disconnect();
    expect(await explained(trial, "contact", "1")).toMatchObject({
      latest: { offset: "0", revision: "1", op: "c" },
    });
  });
});
