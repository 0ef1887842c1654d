// A replay that is killed at any moment and started again publishes each dead letter once.
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Random } from "../../../src/simulator/random.ts";
import { trialOf } from "../../support/process/connector.ts";
import {
  readTopics,
  servers,
  writeRecords,
} from "../../support/kafka/kafka.ts";
import { Program } from "../../support/process/program.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const LETTERS = 3_000;
const KILLS = 3;
const SEED = 5;

describe.skipIf(servers === null)("a replay that is killed", () => {
  it("publishes each letter once, however often it is stopped, killed and started again", async () => {
    const random = new Random(SEED, 1);
    await using sell = await ScriptedSell.start([
      [pageOf([item({ type: "a b", id: 1 })])],
    ]);
    await using trial = await trialOf(sell.url);
    await trial.sync();
    await writeLetters(trial.deadLetterTopic, trial.name);
    const config = JSON.parse(
      await readFile(trial.configPath, "utf8"),
    ) as object;
    const topics = { pattern: "{name}.all" };
    await writeFile(trial.configPath, JSON.stringify({ ...config, topics }));
    const replay = () =>
      new Program([
        "dead-letters",
        "replay",
        "--all",
        "--config",
        trial.configPath,
      ]);

    for (let kill = 0; kill < KILLS; kill++) {
      await using program = replay();
      const hasBegun = program.says(`published in ${trial.name}.all`);
      await Promise.race([hasBegun, program.ended]);
      // The time is part of what is tried; nothing is waited for.
      await delay(random.integer(0, 30));
      program.kill(kill === 0 ? "SIGTERM" : "SIGKILL");
      await program.ended;
    }
    await using last = replay();
    expect(await last.ended).toEqual({ code: 0, signal: null });
    const records = await readTopics((topic) => topic === `${trial.name}.all`);
    expect(records).toHaveLength(LETTERS);
    expect(new Set(records.map(({ key }) => key)).size).toBe(LETTERS);
    const marks = await readTopics((topic) => topic === trial.deadLetterTopic);
    const replayed = marks.filter(({ headers }) => "replay.of" in headers);
    expect(replayed).toHaveLength(LETTERS);
  });
});

/** More of the letter that the connector wrote first. */
async function writeLetters(topic: string, connector: string): Promise<void> {
  const ids = Array.from({ length: LETTERS - 1 }, (_, n) => n + 2);
  const letters = ids.map((id) => ({
    key: String(id),
    value: item({ type: "a b", id }),
    headers: {
      "sell.connector": connector,
      "sell.type": "a b",
      "error.stage": "route",
      "error.connector": connector,
    },
  }));
  await writeRecords(topic, letters);
}
