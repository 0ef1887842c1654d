// The recipes of the documents keep their tables right with the tools that they name.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Message } from "kafkajs";
import { describe, expect, inject, it } from "vitest";
import { javaProblem } from "../../src/local/native.ts";
import { sellKafka } from "../support/process/command.ts";
import { trialOf } from "../support/process/connector.ts";
import { brokers, servers, writeRecords } from "../support/kafka/kafka.ts";
import { runPython, runPythonTelling } from "../support/python/python.ts";
import { sellOfTwoContacts, synced } from "./contacts.ts";
import { jars, JavaProgram, recipe } from "./java.ts";
import { tablePackages } from "./python/packages.ts";
import { startWorker, writeSettings } from "./sinks.ts";

const packages = inject("python");
const tables = packages === null ? null : await tablePackages();
const hasJava = (await javaProblem()) === null;
const url = servers?.registryUrl ?? "";

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sell-kafka-recipe-"));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

const own = { "sell.connector": "copied" };

/** Records that another program put into a topic: none is a change, and some look like one. */
const foreign: readonly Message[] = [
  { key: "3", value: "hello" },
  { key: "3", value: null },
  { key: null, value: null },
  { key: Buffer.from([0xff, 0xfe]), value: Buffer.from([0xff, 0x00, 0x80]) },
  { key: "3", value: '{"op":"u","after":{"id":3,"name":"Eve"}}' },
  { key: null, value: "{}", headers: own },
  { key: "3", value: "[1,2]", headers: own },
  { key: "3", value: "null", headers: own },
  { key: "3", value: "{", headers: own },
  { key: "3", value: Buffer.alloc(0), headers: own },
  { key: Buffer.from([0xff]), value: Buffer.from([0xff]), headers: own },
];
const withValue = foreign.filter(({ value }) => value !== null);

/** Makes contact_pb2.py of what `sell-kafka schemas contact --value protobuf` prints. */
async function compileContact(path: string): Promise<void> {
  const args = ["schemas", "contact", "--value", "protobuf"];
  const { stdout } = await sellKafka(args);
  await writeFile(join(path, "contact.proto"), stdout);
  const protoc = "test/recipes/python/protoc.py";
  await runPython(packages ?? "", protoc, [path, "contact.proto"]);
}

describe.skipIf(servers === null || packages === null)("Python", () => {
  it.each([
    {
      script: "contacts.py",
      overrides: {},
      servedBy: [],
      tables: ["1 = Ada\n2 = Bo\n", "1 = Ada Lovelace\n"],
    },
    {
      script: "contacts_avro.py",
      overrides: { format: { value: "avro" }, schemaRegistry: { url } },
      servedBy: [url],
      tables: [
        '1 = Ada = 2026-11-21 = "EMEA"\n2 = Bo = 2026-11-21 = None\n',
        '1 = Ada Lovelace = 2026-11-22 = "EMEA"\n',
      ],
    },
    {
      script: "contacts_protobuf.py",
      overrides: { format: { value: "protobuf" }, schemaRegistry: { url } },
      servedBy: [],
      tables: [
        '1 = Ada = 2026-11-21 = "EMEA"\n2 = Bo = 2026-11-21 = None\n',
        '1 = Ada Lovelace = 2026-11-22 = "EMEA"\n',
      ],
    },
  ])(
    "$script keeps a table of contacts beside foreign records",
    async ({ script, overrides, servedBy, tables }) => {
      await using sell = await sellOfTwoContacts();
      // A compacted topic takes no record without a key.
      const topics = { config: { "cleanup.policy": "delete" } };
      await using trial = await trialOf(sell.url, { ...overrides, topics });
      const topic = `${trial.name}.contact`;
      await using generated = await folder();
      await compileContact(generated.path);
      const read = () =>
        runPythonTelling(
          `${packages ?? ""}:${generated.path}`,
          `test/recipes/python/${script}`,
          [brokers().join(","), ...servedBy, topic],
        );
      await synced(trial);
      expect(await read()).toEqual({ stdout: tables[0], stderr: "" });
      await writeRecords(topic, foreign);
      await synced(trial);
      const { stdout, stderr } = await read();
      expect(stdout).toBe(tables[1]);
      expect(stderr.match(/^skipped \d\/\d+: ./gm)).toHaveLength(
        withValue.length,
      );
    },
  );
});

describe.skipIf(servers === null || tables === null)("Tables in Python", () => {
  it("contacts_table.py fills a DataFrame and DuckDB, with types and without what Sell deleted", async () => {
    await using sell = await sellOfTwoContacts();
    await using trial = await trialOf(sell.url, {
      format: { value: "avro", layout: "columns", envelope: "flat" },
      schemaRegistry: { url },
    });
    const read = () =>
      runPython(
        `${packages ?? ""}:${tables ?? ""}`,
        "test/recipes/python/contacts_table.py",
        [brokers().join(","), url, `${trial.name}.contact`],
      );
    const rowsIn = (shown: string) =>
      shown
        .split("\n")
        .filter((line) => /^│ +[12] │/.test(line))
        .map((line) => line.replaceAll(/[│ ]+/g, " ").trim());
    await synced(trial);
    expect(rowsIn(await read())).toEqual([
      "1 Ada 2026-11-21 10:00:00+00 EMEA",
      "2 Bo 2026-11-21 10:00:00+00 NULL",
    ]);
    await synced(trial);
    const shown = await read();
    expect(shown).toMatch(/^id +int64\[pyarrow\]$/m);
    expect(shown).toMatch(/^tags +list<.*string>\[pyarrow\]$/m);
    expect(shown).toMatch(/^updated_at +timestamp\[ms, tz=UTC\]\[pyarrow\]$/m);
    expect(rowsIn(shown)).toEqual([
      "1 Ada Lovelace 2026-11-22 10:00:00+00 EMEA",
    ]);
  });
});

describe.skipIf(servers === null || !hasJava)("Java", () => {
  it("Kafka Streams keeps a table of contacts from the flat envelope", async () => {
    const classPath = await jars(
      "streams",
      "org.apache.kafka:kafka-streams:4.1.0",
    );
    await using sell = await sellOfTwoContacts();
    await using trial = await trialOf(sell.url, {
      format: { envelope: "flat" },
    });
    await synced(trial);
    await using state = await folder();
    await using streams = new JavaProgram(classPath, [
      `-Djava.io.tmpdir=${state.path}`,
      recipe("./streams/Contacts.java"),
      brokers().join(","),
      `${trial.name}.contact`,
      trial.name,
    ]);
    await streams.says('1 = {"id":1,"name":"Ada"');
    await streams.says('2 = {"id":2,"name":"Bo"');
    await synced(trial);
    await streams.says('1 = {"id":1,"name":"Ada Lovelace"');
    await streams.says("2 = null");
  });

  it("Kafka Connect unwraps Avro with Debezium's ExtractNewRecordState", async () => {
    const connect = await jars(
      "connect",
      "org.apache.kafka:connect-runtime:4.1.0",
      "org.apache.kafka:connect-file:4.1.0",
      "io.debezium:debezium-core:3.3.1.Final",
      "io.apicurio:apicurio-registry-utils-converter:2.6.13.Final",
    );
    await using sell = await sellOfTwoContacts();
    await using trial = await trialOf(sell.url, {
      format: { value: "avro" },
      schemaRegistry: { url },
    });
    await synced(trial);
    await synced(trial);
    await using work = await folder();
    const topic = `${trial.name}.contact`;
    await writeSettings("connect", work.path, { topic });
    await using worker = startWorker(work.path, connect);
    const lines = await linesOf(join(work.path, "contacts.txt"), 4, worker);
    const ada = ',email=ada@example.com,custom_fields={Region="EMEA"}';
    expect([...lines].sort()).toEqual([
      `Struct{id=1,name=Ada Lovelace${ada},updated_at=1795341600000000,extra={}}`,
      `Struct{id=1,name=Ada${ada},updated_at=1795255200000000,extra={}}`,
      "Struct{id=2,name=Bo,updated_at=1795255200000000,extra={}}",
      "null",
    ]);
  });
});

/** The lines of a file that a program writes, once there are that many. */
async function linesOf(
  path: string,
  count: number,
  program: JavaProgram,
): Promise<readonly string[]> {
  const exit = { came: false };
  void program.ended.then(() => (exit.came = true));
  for (;;) {
    const text = await readFile(path, "utf8").catch(() => "");
    const lines = text.split("\n").slice(0, -1);
    if (lines.length >= count) return lines;
    if (exit.came)
      throw new Error(`it ended early:\n${program.stdout}${program.stderr}`);
    await delay(100);
  }
}
