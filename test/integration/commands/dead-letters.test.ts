// Dead letters are listed, shown and replayed once, whole or in chunks, and never over newer records.
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { sellKafka } from "../../support/process/command.ts";
import { trialOf, type Trial } from "../../support/process/connector.ts";
import {
  createTopics,
  readTopics,
  servers,
  testKafka,
  writeRecords,
} from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

/** One topic for all types takes also those that Kafka can't name. */
const mended = { topics: { pattern: "{name}.all" } };

async function reconfigure(trial: Trial, changes: object): Promise<void> {
  const config = JSON.parse(await readFile(trial.configPath, "utf8")) as object;
  await writeFile(trial.configPath, JSON.stringify({ ...config, ...changes }));
}

interface Listed {
  readonly id: string;
  readonly key: string;
  readonly state: string;
  readonly reason: string;
  readonly chunks: number;
}

interface Listing {
  readonly groups: readonly {
    readonly cause: string;
    readonly example: { readonly id: string };
    readonly next: { readonly replay: string };
  }[];
}

async function command(trial: Trial, ...args: readonly string[]) {
  const ended = await sellKafka([
    "dead-letters",
    ...args,
    "--config",
    trial.configPath,
  ]);
  return { ...ended, json: () => JSON.parse(ended.stdout) as unknown };
}

/** Each dead letter by itself. */
async function list(trial: Trial, ...flags: readonly string[]) {
  const { json } = await command(trial, "list", "--each", "--json", ...flags);
  return json() as Listed[];
}

async function published(trial: Trial): Promise<string[]> {
  const records = await readTopics((topic) => topic === `${trial.name}.all`);
  return records.map(({ key }) => key);
}

describe.skipIf(servers === null)("dead letters", () => {
  it("are listed, shown, and replayed once with what was mended", async () => {
    const data = '{"id":7,"exact":1.0}';
    await using sell = await ScriptedSell.start([
      [
        pageOf([
          item({ type: "a b", id: 7, data }),
          item({ type: "c d", id: 8 }),
          '{"data":{"id":9}}',
        ]),
      ],
    ]);
    await using trial = await trialOf(sell.url);
    await trial.sync();

    const letters = await list(trial);
    expect(letters.map(({ key, state }) => [key, state]).sort()).toEqual([
      ["-:-", "waiting"],
      ["7", "waiting"],
      ["8", "waiting"],
    ]);
    const seven = letters.find(({ key }) => key === "7");
    const shown = await command(trial, "show", seven?.id ?? "");
    expect(shown.stdout).toContain("error.stage       route");
    expect(shown.stdout).toContain('"exact": 1.0');
    const table = await command(trial, "list", "--each");
    expect(table.stdout).toMatch(/^ID +TIME +TYPE +KEY +STAGE/);
    expect(table.stdout).toMatch(
      new RegExp(`^${seven?.id ?? ""} .* a b `, "m"),
    );

    const unmended = await command(trial, "replay", "--type", "a b");
    expect(unmended.stdout).toContain("stays a dead letter (route)");
    expect(unmended.exitCode).toBe(1);

    await reconfigure(trial, mended);
    const dry = await command(trial, "replay", "--all", "--dry-run");
    expect(dry.stdout).toContain("2 would be replayed, 0 skipped, 1 still");
    expect(dry.stdout).toContain("nothing was sent: what the brokers alone");
    expect(await published(trial)).toEqual([]);

    const first = await command(trial, "replay", "--all", "--json");
    expect(first.json()).toMatchObject({ replayed: 2, skipped: 0, failed: 1 });
    expect(first.exitCode).toBe(1);
    // Brokers confirm a commit before every partition shows it.
    await expect
      .poll(async () => (await published(trial)).sort())
      .toEqual(["a b:7", "c d:8"]);
    const [record] = (
      await readTopics((topic) => topic === `${trial.name}.all`)
    ).filter(({ key }) => key === "a b:7");
    expect(String(record?.value)).toContain(`"after":${data},`);
    expect(record?.headers).toMatchObject({
      "sell.ack_key": "a b-7-1",
      "sell.connector": trial.name,
    });

    const second = await command(trial, "replay", "--stage", "route", "--json");
    expect(second.json()).toMatchObject({
      replayed: 0,
      failed: 0,
      settledBefore: { replayed: 2, dismissed: 0 },
    });
    expect(second.exitCode).toBe(0);
    expect(await published(trial)).toHaveLength(2);
    const after = await list(trial);
    expect(after.filter(({ state }) => state === "replayed")).toHaveLength(2);
    const again = await command(trial, "replay", seven?.id ?? "");
    expect(again.stdout).toContain("was replayed at");

    const marks = (
      await readTopics((topic) => topic === trial.deadLetterTopic)
    ).filter(({ headers }) => "replay.of" in headers);
    expect(marks).toHaveLength(2);
    expect(marks.map(({ headers }) => headers["replay.of"])).toContain(
      `${trial.deadLetterTopic}/${seven?.id ?? ""}`,
    );
    for (const { headers } of marks)
      expect(headers).not.toHaveProperty("error.stage");
  });

  it("of other connectors are left alone", async () => {
    await using sell = await ScriptedSell.start([
      [pageOf([item({ type: "a b" })])],
      [pageOf([item({ type: "c d" })])],
    ]);
    await using other = await trialOf(sell.url);
    await other.sync();
    await using trial = await trialOf(sell.url, {
      delivery: { deadLetterTopic: other.deadLetterTopic },
    });
    await trial.sync();
    await reconfigure(trial, mended);
    const [foreign] = await list(other);
    expect(await list(trial)).toHaveLength(1);
    expect(await list(trial, "--all")).toHaveLength(2);
    const { stdout } = await command(trial, "replay", "--all", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ replayed: 1 });
    expect(await list(other)).toMatchObject([{ state: "waiting" }]);
    const refused = await command(trial, "replay", foreign?.id ?? "");
    expect(refused.stderr).toContain("of another connector");
    expect(refused.exitCode).toBe(2);
  });

  it("in chunks are put together, and broken-off chunks are no letter", async () => {
    const text = randomBytes(900_000).toString("base64");
    const large = item({ id: 7, data: `{"id":7,"text":"${text}"}` });
    await using sell = await ScriptedSell.start([[pageOf([large])]]);
    await using trial = await trialOf(sell.url, {
      kafka: { compression: "none" },
    });
    await trial.sync();
    await writeRecords(trial.deadLetterTopic, [
      {
        key: "7",
        value: '{"data":{"id":7',
        headers: {
          "error.stage": "publish",
          "error.connector": trial.name,
          "chunk.set": "broken-off",
          "chunk.index": "0",
          "chunk.count": "3",
        },
      },
    ]);
    const letters = await list(trial);
    expect(letters.map(({ state }) => state).sort()).toEqual([
      "incomplete",
      "waiting",
    ]);
    const whole = letters.find(({ state }) => state === "waiting");
    expect(whole?.chunks).toBeGreaterThan(1);
    const shown = await command(trial, "show", whole?.id ?? "", "--json");
    expect(shown.json()).toMatchObject({ item: large });

    const refused = await command(trial, "replay", "--all");
    expect(refused.stdout).toContain("stays a dead letter (publish)");
    expect(refused.exitCode).toBe(1);
    await raiseLimit(`${trial.name}.contact`);
    const replayed = await command(trial, "replay", "--all", "--json");
    expect(replayed.json()).toMatchObject({ replayed: 1, failed: 0 });
    const read = () => readTopics((t) => t === `${trial.name}.contact`);
    await expect.poll(async () => (await read()).length).toBe(1);
    const records = await read();
    expect(String(records[0]?.value)).toContain(text);
  });

  it("are not replayed over what is newer", async () => {
    const text = randomBytes(900_000).toString("base64");
    const large = (id: number) =>
      item({ id, revision: 3, data: `{"id":${id},"text":"${text}"}` });
    await using sell = await ScriptedSell.start([
      [pageOf([large(1)]), pageOf([large(2)]), pageOf([large(3)])],
      [
        pageOf([
          item({ id: 1, revision: 4 }),
          item({ id: 2, revision: 4, eventType: "deleted", data: '{"id":2}' }),
        ]),
      ],
    ]);
    await using trial = await trialOf(sell.url, {
      kafka: { compression: "none" },
    });
    await trial.sync();
    await trial.sync();
    await raiseLimit(`${trial.name}.contact`);
    const { stdout, exitCode } = await command(trial, "replay", "--all");
    expect(stdout).toContain("contact 1  skipped: the topic holds revision 4");
    expect(stdout).toContain("contact 2  skipped: the record has been deleted");
    expect(stdout).toContain("1 replayed, 2 skipped, 0 still dead letters");
    expect(exitCode).toBe(0);
    // What the topic holds is marked, so that nothing is left to be looked at.
    const again = await command(trial, "replay", "--all");
    expect(again.stdout).toBe(
      "0 replayed, 0 skipped, 0 still dead letters (of the others, 3 were replayed before)\n",
    );
    const letters = await list(trial);
    expect(letters.map(({ state }) => state)).toEqual(
      Array(3).fill("replayed"),
    );
    const skipped = letters.find(({ key }) => key === "1")?.id ?? "";
    const byId = await command(trial, "replay", skipped);
    expect(byId.stdout).toContain("the topic holds revision 4");
  });

  it("are listed by cause, with what to do next, and dismissed with a reason", async () => {
    const types = ["a b", "a b", "c d", "c d", "c d"];
    await using sell = await ScriptedSell.start([
      [
        pageOf([
          ...types.map((type, id) => item({ type, id: id + 1 })),
          '{"data":{"id":9}}',
        ]),
      ],
    ]);
    await using trial = await trialOf(sell.url);
    await trial.sync();

    const listed = await command(trial, "list", "--json");
    const listing = listed.json() as Listing;
    expect(listing).toMatchObject({
      connector: trial.name,
      state: "waiting",
      counts: { waiting: 6, replayed: 0, dismissed: 0, incomplete: 0 },
      leftOut: { groups: 0, deadLetters: 0 },
      groups: [
        {
          count: 5,
          stage: "route",
          connector: trial.name,
          types: [
            { type: "c d", count: 3 },
            { type: "a b", count: 2 },
          ],
        },
        { count: 1, stage: "decode", types: [{ type: null, count: 1 }] },
      ],
    });
    const [route, decode] = listing.groups;
    expect(route?.next.replay).toBe(
      `sell-kafka dead-letters replay --cause ${route?.cause ?? ""} --config ${trial.configPath}`,
    );
    const one = await command(trial, "list", "--limit", "1");
    expect(one.stdout).toContain("6 waiting, of 2 causes");
    expect(one.stdout).toContain(route?.example.id);
    expect(one.stdout).toContain(route?.next.replay);
    expect(one.stdout).toContain(
      "left out: 1 cause, 1 dead letter; --limit shows more",
    );
    const each = await command(trial, "list", "--each", "--limit", "4");
    expect(each.stdout.trim().split("\n")).toHaveLength(6);
    expect(each.stdout).toContain("2 later ones are left out");

    const why = ["--reason", "spam, says Ada"];
    const dry = await command(trial, "dismiss", "--all", "--dry-run", ...why);
    expect(dry.stdout).toContain("6 would be dismissed");
    const asked = await sellKafka(
      [
        ...["dead-letters", "dismiss", "--all", ...why],
        ...["--config", trial.configPath],
      ],
      { stdin: "n\r" },
    );
    expect(asked.stderr).toContain("Dismiss 6 dead letters");
    expect(asked.exitCode).toBe(1);
    expect((await list(trial)).every(({ state }) => state === "waiting")).toBe(
      true,
    );

    for (const typo of [
      ["replay", "--cause", "deadbeef"],
      ["replay", "--type", "daels", "--dry-run"],
      ["dismiss", "--cause", "deadbeef", ...why],
    ])
      expect(await command(trial, ...typo)).toMatchObject({
        exitCode: 2,
        stdout: "",
      });
    const cause = ["--cause", decode?.cause ?? ""];
    const dismissed = await command(trial, "dismiss", ...cause, ...why);
    expect(dismissed.stdout).toContain("1 dismissed");
    expect(dismissed.exitCode).toBe(0);
    const typed = await command(
      trial,
      ...["dismiss", "--type", "a b", ...why, "--yes", "--json"],
    );
    expect(typed.json()).toMatchObject({
      isDone: true,
      dismissed: 2,
      reason: "spam, says Ada",
    });
    const twice = await command(trial, "dismiss", ...cause, ...why);
    expect(twice.stdout).toBe("0 dismissed (of the others, 1 is dismissed)\n");
    const left = (await command(trial, "list", "--json")).json() as Listing;
    expect(left).toMatchObject({
      counts: { waiting: 3, dismissed: 3 },
      groups: [{ count: 3, types: [{ type: "c d", count: 3 }] }],
    });
    const told = await command(trial, "list", "--dismissed");
    expect(told.stdout).toContain("spam, says Ada");

    await reconfigure(trial, mended);
    const replayed = await command(trial, "replay", "--all", "--json");
    expect(replayed.json()).toMatchObject({
      replayed: 3,
      failed: 0,
      settledBefore: { replayed: 0, dismissed: 3 },
    });
    const spam = (await list(trial, "--dismissed")).find(
      ({ key }) => key === "a b:1" || key === "1",
    );
    const undone = await command(trial, "replay", spam?.id ?? "");
    expect(undone.stdout).toContain("was dismissed at");
    expect(undone.stdout).toContain("1 replayed");
    expect(await list(trial, "--dismissed")).toHaveLength(2);
  });

  it("are a hundred where a topic refuses a whole type, until its limit is raised", async () => {
    const large = Array.from({ length: 150 }, (_, id) => {
      const text = randomBytes(1_500).toString("base64");
      return item({ id, data: `{"id":${id},"text":"${text}"}` });
    });
    const session = [pageOf(large)];
    await using sell = await ScriptedSell.start([session, session, session]);
    await using trial = await trialOf(sell.url, {
      kafka: { compression: "none" },
    });
    const topic = `${trial.name}.contact`;
    await createTopics([
      {
        topic,
        configEntries: [
          { name: "cleanup.policy", value: "compact" },
          { name: "max.message.bytes", value: "1500" },
        ],
      },
    ]);
    const first = await sellKafka(["sync", "--config", trial.configPath]);
    expect(first.exitCode).toBe(1);
    expect(first.stderr).toContain("50 items are deferred");
    expect(first.stderr).toContain(
      `(${topic}); raise max.message.bytes of the topic to 2097152 or more`,
    );
    expect(first.stderr).toContain(
      `next: dead letters: 100; see their causes and what to do: sell-kafka dead-letters list --config ${trial.configPath}`,
    );
    expect(first.stderr).toContain("next: deferred: 50;");

    await raiseLimit(topic);
    const second = await trial.sync();
    expect(second.summary).toMatchObject({ published: 150, deadLettered: 0 });
    const replayed = await command(trial, "replay", "--type", "contact");
    expect(replayed.stdout).toContain("the topic holds this very state");
    expect(replayed.stdout).toContain("0 replayed, 100 skipped");
    const left = (await command(trial, "list", "--json")).json();
    expect(left).toMatchObject({ counts: { waiting: 0, replayed: 100 } });
  });

  it("need to be named", async () => {
    await using sell = await ScriptedSell.start([]);
    await using trial = await trialOf(sell.url);
    const nothing = await command(trial, "replay");
    expect(nothing.stderr).toContain("which dead letters?");
    expect(nothing.exitCode).toBe(2);
    const unknown = await command(trial, "show", "0/1");
    expect(unknown.stderr).toContain("there is no dead letter 0/1");
    expect(unknown.exitCode).toBe(2);
  });
});

/** Raises the limit of a topic, and waits until the broker tells the new one: it takes it over a moment later. */
async function raiseLimit(topic: string): Promise<void> {
  const limit = "4000000";
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
  const admin = testKafka().admin();
  await admin.connect();
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        ...resource,
        configEntries: [
          { name: "cleanup.policy", value: "compact" },
          { name: "max.message.bytes", value: limit },
        ],
      },
    ],
  });
  await expect
    .poll(() =>
      admin.describeConfigs({ includeSynonyms: false, resources: [resource] }),
    )
    .toMatchObject({
      resources: [
        {
          configEntries: expect.arrayContaining([
            expect.objectContaining({
              ...{ configName: "max.message.bytes", configValue: limit },
            }),
          ]) as unknown,
        },
      ],
    });
  await admin.disconnect();
}
