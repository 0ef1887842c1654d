// An audit compares Sell with Kafka in every format, names each difference once, and is incomplete
// rather than wrong when it could not see everything. It acknowledges nothing.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AccountReport } from "../../../src/app/audit-account.ts";
import type { Finding } from "../../../src/audit/report.ts";
import { valueFormatNames } from "../../../src/format/names.ts";
import { partitionOf } from "../../../src/kafka/client/partition-of.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { version } from "../../../src/version.ts";
import { sellKafka } from "../../support/process/command.ts";
import {
  TRIAL_PARTITIONS,
  trialOf,
  type Trial,
} from "../../support/process/connector.ts";
import {
  readTopics,
  servers,
  writeRecords,
} from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
  type Step,
} from "../../support/sell/scripted-sell.ts";

const sell = { pollIntervalMs: 1_000 };
/** The partition of the key in the tests of whole reports. */
const place = partitionOf("77", TRIAL_PARTITIONS);

type Report = AccountReport & { readonly findings: readonly Finding[] };

async function audit(trial: Trial, ...flags: readonly string[]) {
  const ended = await sellKafka([
    "audit",
    "--json",
    "--config",
    trial.configPath,
    ...flags,
  ]);
  const report = JSON.parse(ended.stdout || "{}") as Report;
  return { ...ended, report };
}

const formats = ["change", "flat", "cloudevents"].flatMap((envelope) =>
  valueFormatNames.map((value) => ({ envelope, value })),
);

describe.skipIf(servers === null)("audit", () => {
  it.concurrent.each(formats)(
    "finds nothing in a whole account written as $envelope in $value",
    async (format) => {
      const records = 300;
      await using simulator = await Simulator.start({ records, seed: 4 });
      await using trial = await trialOf(simulator.url, {
        sell,
        format,
        schemaRegistry: { url: servers?.registryUrl },
        topics: {
          partitions: 1,
          // The schemas of all types are at work only in topics of their own.
          ...(format.value === "json" && { pattern: "{name}.all" }),
        },
      });
      const first = await trial.sync();
      expect(first).toMatchObject({ exitCode: 0 });
      for (let place = 0; place < 40; place++)
        if (place % 3 === 0) simulator.world.delete(place, 1_790_000_000_000);
        else simulator.world.update(place, 1_790_000_000_000);
      await trial.sync();
      const before = simulator.state();

      const { exitCode, report } = await audit(trial);
      const deleted = before.records.deleted;
      expect(report).toMatchObject({
        result: "clean",
        complete: true,
        sessions: 1,
        totals: { inSell: records - deleted, inKafka: records - deleted },
        examples: [],
        findings: [],
      });
      expect(report.totals.agreed).toBe(records);
      for (const { digest } of Object.values(report.types))
        expect(digest.kafka).toBe(digest.sell);
      expect(exitCode).toBe(0);

      const after = simulator.state();
      expect(after.requests["ack"]).toEqual(before.requests["ack"]);
      expect(after.violations).toEqual({});
      const [device = ""] = Object.keys(before.devices);
      expect(after.devices[device]).toEqual(before.devices[device]);
      expect(Object.keys(after.devices)).toHaveLength(2);
    },
  );

  it.concurrent(
    "finds what is missing, different, and gone from Sell",
    async () => {
      const item7 = '{"id":7,"name":"Ada","score":1.50}';
      const session: Step[] = [
        pageOf([
          item({ id: 7, data: item7 }),
          item({ id: 8 }),
          item({ id: 9 }),
          item({ type: "deal", id: 1 }),
        ]),
      ];
      await using scripted = await ScriptedSell.start([
        session,
        ...Array.from({ length: 4 }, () => session),
      ]);
      await using trial = await trialOf(scripted.url, {
        sell,
        format: { envelope: "flat" },
      });
      await trial.sync();
      const topic = `${trial.name}.contact`;
      await writeRecords(topic, [
        // The same number, but not the same digits.
        { key: "7", value: '{"score":1.5,"name":"Ada","id":7}' },
        { key: "8", value: null },
        {
          ...{ key: "4711", value: '{"id":4711}' },
          headers: { "sell.connector": "demo" },
        },
      ]);
      const { exitCode, report } = await audit(trial);
      expect(exitCode).toBe(1);
      expect(report).toMatchObject({
        result: "differences",
        totals: { missing: 1, different: 1, gone: 1, agreed: 2, undecided: 0 },
        types: { deal: { agreed: 1 } },
        otherConnectors: ["demo"],
      });
      const records = await readTopics((name) => name === topic);
      const found = report.examples.map(({ kind, type, id, ...where }) => {
        const record = records.findLast(({ key }) => key === id);
        expect(where).toMatchObject({
          topic,
          partition: record?.partition,
          offset: Number(record?.offset),
        });
        return [kind, type, id];
      });
      expect(found).toEqual([
        ["missing", "contact", "8"],
        ["different", "contact", "7"],
        ["gone", "contact", "4711"],
      ]);
      expect(report.findings).toEqual(report.examples);
      const { deal, contact } = report.types;
      expect(deal?.digest.kafka).toBe(deal?.digest.sell);
      expect(contact?.digest.kafka).not.toBe(contact?.digest.sell);
      expect(scripted.acknowledged).toHaveLength(4);

      const forPeople = await sellKafka([
        "audit",
        "--config",
        trial.configPath,
        "--requests-per-second",
        "1000",
      ]);
      expect(forPeople.stdout).toMatch(/^TYPE +IN SELL +IN KAFKA/);
      expect(forPeople.stdout).toMatch(/\ncontact .*\ndeal .*\nall /);
      expect(forPeople.stdout).toContain("explain contact 4711 --history");
    },
  );

  it.concurrent(
    "tells who compared what with what and when, in the file that it writes too",
    async () => {
      const data = '{"id":77,"name":"Acme \\u202e GmbH"}';
      const session = [pageOf([item({ type: "account", id: 77, data })])];
      await using scripted = await ScriptedSell.start([
        ...[session, session, session],
      ]);
      await using trial = await trialOf(scripted.url, { sell });
      await trial.sync();
      const before = new Date().toISOString();
      const { report } = await audit(trial);
      expect(report).toMatchObject({
        version,
        connector: trial.name,
        account: {
          ...{ id: "77", name: "Acme \u202e GmbH", baseUrl: trial.proxy.url },
          deviceUuid: expect.stringMatching(/^[\da-f-]{36}$/) as string,
          auditDeviceUuid: expect.stringMatching(/^[\da-f-]{36}$/) as string,
        },
        cluster: {
          id: expect.stringMatching(/./) as string,
          brokers: servers?.brokers,
        },
        topics: {
          [`${trial.name}.account`]: {
            endOffsets: { 0: 0, 1: 0, [place]: 1 },
          },
        },
        recordsRead: 1,
      });
      expect(report.account.auditDeviceUuid).not.toBe(
        report.account.deviceUuid,
      );
      const { startedAt, endedAt } = report;
      expect([before, startedAt, endedAt].toSorted()).toEqual([
        ...[before, startedAt, endedAt],
      ]);

      const folder = dirname(trial.configPath);
      const out = join(folder, "audit.json");
      const args = ["audit", "--config", trial.configPath, "--out", out];
      const ended = await sellKafka(args);
      expect(ended.exitCode).toBe(0);
      expect(ended.stderr).toMatch(
        /^audit: reading Kafka, \d+ offsets\naudit: reading Sell, at most [\d.]+ requests a second, .*\n$/,
      );
      expect(ended.stdout).toContain(`every finding is in ${out}`);
      const written = JSON.parse(await readFile(out, "utf8")) as Report;
      expect(Object.keys(written)).toEqual(Object.keys(report));
      expect(written.types).toEqual(report.types);
      expect(await readdir(folder)).not.toContainEqual(
        expect.stringMatching(/part$/),
      );
      const again = await sellKafka(args);
      expect(again.exitCode).toBe(2);
      expect(again.stderr).toContain("is there already");
    },
  );

  it.concurrent(
    "is incomplete when pages are lost, and calls nothing gone",
    async () => {
      const items = (...ids: number[]) => pageOf(ids.map((id) => item({ id })));
      const broken: Step[] = [{ status: 500 }, items(1, 2)];
      await using scripted = await ScriptedSell.start([
        [items(1, 2, 3)],
        ...Array.from({ length: 4 }, () => broken),
      ]);
      await using trial = await trialOf(scripted.url, { sell });
      await trial.sync();
      const { exitCode, report } = await audit(trial);
      expect(report).toMatchObject({
        result: "incomplete",
        complete: false,
        totals: { agreed: 2, gone: 0, missing: 0, notSeen: 1 },
      });
      expect(report.problems[0]).toContain("1 answers were lost");
      expect(report.findings).toMatchObject([
        { kind: "notSeen", type: "contact", id: "3", sellRevision: null },
      ]);
      expect(exitCode).toBe(1);
    },
  );

  it.concurrent.each([
    ["a lost page", [{ status: 500 }]],
    [
      "a failed object",
      [pageOf([], { failed_objects: [{ type: "deal", id: 9 }] })],
    ],
    ["a lost session", [{ status: 404, body: "{}" }]],
  ] as const)("takes another session after %s", async (_, trouble) => {
    const whole = [pageOf([item({ id: 1 }), item({ id: 2 })])];
    await using scripted = await ScriptedSell.start([
      whole,
      [pageOf([item({ id: 1 })]), ...trouble],
      whole,
    ]);
    await using trial = await trialOf(scripted.url, { sell });
    await trial.sync();
    const { exitCode, report } = await audit(trial);
    expect(report).toMatchObject({ result: "clean", sessions: 2 });
    expect(report.problems).toHaveLength(1);
    expect(exitCode).toBe(0);
  });

  it.concurrent("takes changes that are under way for no error", async () => {
    await using simulator = await Simulator.start({
      records: 500,
      changesPerSecond: 30,
      pageSize: 20,
      latencyMs: 20,
    });
    await using trial = await trialOf(simulator.url, { sell });
    await trial.sync();
    const stop = new AbortController();
    const running = sellKafka(["run", "--config", trial.configPath], {
      stopping: stop.signal,
    });
    try {
      const { report, exitCode } = await audit(
        trial,
        "--requests-per-second",
        "100",
      );
      expect(report).toMatchObject({
        result: "clean",
        totals: { missing: 0, different: 0, gone: 0, undecided: 0 },
      });
      expect(exitCode).toBe(0);
    } finally {
      stop.abort(new Error("enough"));
      await running;
    }
  });

  it.concurrent("tells dead letters from losses", async () => {
    const session = [
      pageOf([item({ type: "a b" }), item({ id: 2 }), '{"data":{"id":1}}']),
    ];
    await using scripted = await ScriptedSell.start([
      session,
      session,
      session,
    ]);
    await using trial = await trialOf(scripted.url, { sell });
    await trial.sync();
    const { report, exitCode } = await audit(trial);
    expect(report).toMatchObject({
      result: "clean",
      totals: { agreed: 1, deadLettered: 2, missing: 0 },
    });
    expect(exitCode).toBe(1);
    const allowed = await audit(trial, "--allow-dead-letters");
    expect(allowed.exitCode).toBe(0);
  });
});
