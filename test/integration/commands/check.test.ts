// `check` finds what is in order and names what is not, with its remedy, and takes nothing from Sell.
// `schemas --register` registers what a run would use.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/doctor/finding.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { sellKafka } from "../../support/process/command.ts";
import { configFile } from "../../support/process/config-file.ts";
import {
  TOKEN,
  trialOf,
  type Overrides,
  type Trial,
} from "../../support/process/connector.ts";
import { folderOf } from "../../support/process/folder.ts";
import {
  createTopics,
  brokers,
  servers,
  testKafka,
} from "../../support/kafka/kafka.ts";

const exactlyOnce: Overrides = { delivery: { guarantee: "exactly-once" } };

function check({ configPath }: Pick<Trial, "configPath">) {
  return sellKafka(["check", "--config", configPath]);
}

describe.skipIf(servers === null)("check", () => {
  it("finds everything in order, and takes nothing from Sell", async () => {
    await using simulator = await Simulator.start({ records: 50 });
    await using trial = await trialOf(simulator.url, {
      schemaRegistry: { url: servers?.registryUrl },
    });
    await trial.sync();
    const before = simulator.state();
    const { exitCode, stdout, stderr } = await sellKafka([
      "check",
      "--config",
      trial.configPath,
    ]);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/FAILED|warning/);
    for (const what of [
      "configuration",
      "Sell at",
      "Kafka at",
      "topics",
      "new topics",
      `dead-letter topic ${trial.deadLetterTopic}`,
      "rights on topics: suffice",
      "writing",
      "schema registry",
    ])
      expect(stdout).toContain(`ok      ${what}`);
    const after = simulator.state();
    expect(after.requests["start"]).toEqual(before.requests["start"]);
    expect(Object.keys(after.devices)).toEqual(Object.keys(before.devices));
    expect(stdout).toContain(`device UUID ${Object.keys(before.devices)[0]}`);
  });

  it("looks at every connector of a folder, whatever is wrong with others", async () => {
    await using simulator = await Simulator.start({ records: 10 });
    await using folder = await folderOf(brokers());
    const { prefix, connector } = folder;
    const check = (...flags: string[]) =>
      sellKafka(["check", "--config", folder.path, ...flags]);
    expect(await check()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("holds no connector") as string,
    });
    await folder.put("a.json", connector("a", simulator.url));
    expect(await check()).toMatchObject({ exitCode: 0 });

    await folder.put("broken.json", '{"name": "broken"');
    await folder.put("c.json", connector("c", "http://127.0.0.1:1"));
    const { exitCode, stdout } = await check();
    expect(exitCode).toBe(1);
    const [a, broken, c, ...others] = stdout.split("\n\n");
    expect(others).toEqual([]);
    expect(a).toMatch(`a.json: ${prefix}-a\nok      configuration: `);
    expect(a).not.toContain("FAILED");
    expect(broken).toMatch("broken.json\nFAILED  configuration: ");
    expect(c).toMatch(`c.json: ${prefix}-c\nok      configuration: `);
    expect(c).toContain("FAILED  Sell at http://127.0.0.1:1: ");
    expect(broken?.split("\n")).toHaveLength(2);

    const { stdout: json } = await check("--json");
    expect(JSON.parse(json)).toMatchObject([
      { file: "a.json", connector: `${prefix}-a` },
      {
        file: "broken.json",
        connector: null,
        findings: [{ status: "failed", what: "configuration" }],
      },
      { file: "c.json", connector: `${prefix}-c` },
    ]);
  });

  it("warns of topics that forget", async () => {
    await using simulator = await Simulator.start({ records: 30 });
    const markers = `markers-${randomBytes(5).toString("hex")}`;
    await using trial = await trialOf(simulator.url, { topics: { markers } });
    await createTopics([
      { topic: markers },
      { topic: `${trial.name}.contact` },
      {
        topic: trial.deadLetterTopic,
        configEntries: [{ name: "cleanup.policy", value: "compact" }],
      },
    ]);
    const { exitCode, stdout } = await sellKafka([
      "check",
      "--json",
      "--config",
      trial.configPath,
    ]);
    expect(exitCode).toBe(0);
    const warnings = (JSON.parse(stdout) as Finding[]).filter(
      ({ status }) => status === "warning",
    );
    expect(warnings.map(({ what }) => what).sort()).toEqual(
      [markers, trial.deadLetterTopic, `${trial.name}.contact`]
        .map((topic) => `topic ${topic}`)
        .sort(),
    );
  });

  it("tells of many topics in one line", async () => {
    await using simulator = await Simulator.start({ records: 1 });
    await using trial = await trialOf(simulator.url);
    const topics = Array.from({ length: 27 }, (_, at) => ({
      topic: `${trial.name}.type${at}`,
      configEntries: [{ name: "retention.ms", value: String(1_000 + at) }],
    }));
    await createTopics(topics);
    const { stdout } = await check(trial);
    const warnings = stdout.match(/^warning .*$/gm) ?? [];
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^warning 27 topics \(.*, and 22 more\): each /,
    );
  });

  it("asks for topics with the settings that a run would give them", async () => {
    await using simulator = await Simulator.start({ records: 1 });
    await using trial = await trialOf(simulator.url, {
      topics: { config: { "cleanup.policy": "no such policy" } },
    });
    const { exitCode, stdout } = await check(trial);
    expect(exitCode).toBe(1);
    // That of dead letters has a policy of its own.
    expect(stdout).toMatch(
      /^FAILED {2}new topics: .*INVALID_CONFIG.*topics\.config sets cleanup\.policy;/m,
    );
    expect(stdout).not.toContain("principal to");
    expect(stdout).toMatch(/^ok {6}dead-letter topic .* can be created/m);
  });

  it("misses topics that nobody is to create", async () => {
    await using simulator = await Simulator.start({ records: 1 });
    await using trial = await trialOf(simulator.url, {
      topics: { create: false },
    });
    const { exitCode, stdout } = await check(trial);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^FAILED {2}topics: none of the target topics/m);
    expect(stdout).toMatch(/^warning dead-letter topic .* does not exist/m);
  });

  it.each<[Record<string, string>, boolean]>([
    [{ "cleanup.policy": "delete" }, true],
    [{ "cleanup.policy": "compact,delete", "retention.ms": "1000" }, true],
    [
      {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "9",
      },
      true,
    ],
    [{}, true],
    [{ "cleanup.policy": "delete", "retention.ms": "-1" }, false],
    [{ "cleanup.policy": "compact", "retention.ms": "1000" }, false],
  ])("warns beforehand of new topics with %j: %s", async (config, isWarned) => {
    await using simulator = await Simulator.start({ records: 1 });
    await using trial = await trialOf(simulator.url, { topics: { config } });
    const { exitCode, stdout } = await check(trial);
    expect(exitCode).toBe(0);
    expect(/^warning topics\.config: .* forgotten/m.test(stdout)).toBe(
      isWarned,
    );
  });

  it("tells that a name is too long, as Kafka's own it is not", async () => {
    await using simulator = await Simulator.start({ records: 1 });
    await using trial = await trialOf(simulator.url, {
      topics: { pattern: `${"x".repeat(245)}{type}` },
    });
    const { stdout } = await check(trial);
    expect(stdout).toMatch(/^FAILED {2}new topics: .*Kafka allows 249/m);
    expect(stdout).not.toContain("Kafka's own");
  });

  it("leaves the transactions of a connector that runs alone", async () => {
    await using simulator = await Simulator.start({ records: 1 });
    await using trial = await trialOf(simulator.url, exactlyOnce);
    const producer = testKafka().producer({
      transactionalId: `sell-kafka.${trial.name}`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const before = await producer.transaction();
    await before.send({
      topic: `${trial.name}-transactions`,
      messages: [{ key: "1", value: null }],
    });
    await before.commit();
    const transaction = await producer.transaction();
    const { exitCode, stdout } = await check(trial);
    await transaction.send({
      topic: `${trial.name}-transactions`,
      messages: [{ key: "1", value: null }],
    });
    await transaction.commit();
    await producer.disconnect();
    expect(stdout).not.toContain("FAILED");
    expect(stdout).toMatch(
      /^ok {6}transactions: .* may Describe and Write .* untried/m,
    );
    expect(exitCode).toBe(0);
  });

  it("warns of a journal that knows nothing of the connector's records", async () => {
    await using simulator = await Simulator.start({ records: 20 });
    await using trial = await trialOf(simulator.url);
    await trial.sync();
    await using file = await configFile({
      ...(JSON.parse(await readFile(trial.configPath, "utf8")) as object),
      delivery: {
        deadLetterTopic: trial.deadLetterTopic,
        ...exactlyOnce["delivery"],
      },
    });
    const words = /^warning journal .* holds nothing of this connector/m;
    const before = await check({ configPath: file.path });
    expect(before.stdout).toMatch(words);
    await using other = await trialOf(simulator.url, exactlyOnce);
    expect((await other.sync()).exitCode).toBe(0);
    expect((await check(other)).stdout).not.toMatch(words);
  });

  it("warns of topics that another connector writes to", async () => {
    await using simulator = await Simulator.start({ records: 30 });
    await using trial = await trialOf(simulator.url);
    await trial.sync();
    await using file = await configFile({
      name: "other",
      sell: { baseUrl: simulator.url, accessToken: TOKEN },
      kafka: { brokers: brokers() },
      topics: { pattern: `${trial.name}.{type}` },
    });
    const { exitCode, stdout } = await sellKafka([
      "check",
      "--config",
      file.path,
    ]);
    expect(exitCode).toBe(0);
    const warnings = stdout.match(/^warning .*$/gm) ?? [];
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      `each was last written to by the connector ${trial.name}.`,
    );
  });

  it("says of each thing that can't be reached what to do", async () => {
    await using file = await configFile({
      name: "lost",
      sell: { baseUrl: "http://127.0.0.1:1", accessToken: TOKEN },
      kafka: { brokers: ["127.0.0.1:1"] },
      schemaRegistry: { url: "http://127.0.0.1:1" },
    });
    const { exitCode, stdout } = await sellKafka([
      "check",
      "--config",
      file.path,
    ]);
    expect(exitCode).toBe(1);
    for (const what of ["Sell at", "Kafka at", "schema registry at"])
      expect(stdout).toMatch(
        new RegExp(`FAILED {2}${what} .*127\\.0\\.0\\.1:1`),
      );
  });
});

describe.skipIf(servers === null)("schemas --register", () => {
  it("registers what a run would use", async () => {
    await using file = await configFile({
      name: `registering-${Date.now()}`,
      sell: { accessToken: TOKEN },
      kafka: { brokers: brokers() },
      topics: { pattern: "{name}.{type}" },
      format: { value: "avro" },
      schemaRegistry: { url: servers?.registryUrl },
    });
    const args = ["schemas", "--register", "--json", "--config", file.path];
    const first = await sellKafka([...args, "contact", "deal"]);
    expect(first.exitCode).toBe(0);
    const registered = JSON.parse(first.stdout) as { subject: string }[];
    expect(registered.map(({ subject }) => subject.split(".")[1])).toEqual([
      "contact-value",
      "deal-value",
    ]);
    const again = await sellKafka([...args, "contact", "deal"]);
    expect(again.stdout).toBe(first.stdout);
  });
});
