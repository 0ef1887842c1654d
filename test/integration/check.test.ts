import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/kafka/topic-findings.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { sellKafka } from "../support/command.ts";
import { configFile } from "../support/config-file.ts";
import { TOKEN, trialOf } from "../support/connector.ts";
import { folderOf } from "../support/folder.ts";
import { brokers, servers, testKafka } from "../support/kafka.ts";

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
    await using trial = await trialOf(simulator.url);
    const admin = testKafka().admin();
    await admin.connect();
    await admin.createTopics({
      topics: [
        { topic: `${trial.name}.contact` },
        {
          topic: trial.deadLetterTopic,
          configEntries: [{ name: "cleanup.policy", value: "compact" }],
        },
      ],
    });
    await admin.disconnect();
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
      [`topic ${trial.deadLetterTopic}`, `topic ${trial.name}.contact`].sort(),
    );
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
    expect(stdout).toContain(
      `warning topic ${trial.name}.contact: was last written to by the connector ${trial.name}.`,
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
