// The command of a trouble names all its topics, and a shell reads it as it is meant.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { Deferrals } from "../../../src/domain/deferrals.ts";
import { remedyCommand } from "../../../src/observe/troubles/remedy-command.ts";
import { missingTopic } from "../../support/builders.ts";
import { configWith } from "../../support/observe/watched.ts";

const topics = Array.from({ length: 26 }, (_, at) => `sell.type_${at}`).sort();

async function commandFor(
  code:
    | "topic-missing"
    | "topic-denied"
    | "topic-creation-denied"
    | "records-refused"
    | "schema-refused",
  subjects: readonly string[],
  settings: object = {},
  neededBytes: readonly number[] = [],
): Promise<string> {
  const deferrals = new Deferrals();
  subjects.forEach((subject, at) => {
    const bytes = neededBytes[at];
    const needed = bytes === undefined ? {} : { neededBytes: bytes };
    deferrals.add("contact", { ...missingTopic(subject), code, ...needed });
  });
  const [deferral] = deferrals.list();
  if (deferral === undefined) throw new Error("nothing is deferred");
  return remedyCommand(deferral, await configWith(settings)) ?? "";
}

/** What a shell passes to the programs of Kafka. */
function argumentsOf(command: string, principal: string | null): string[][] {
  const shows = (name: string) => `${name}() { printf '%s\\n' "$@" ''; }`;
  const script = `${shows("kafka-topics.sh")}; ${shows("kafka-acls.sh")}; ${shows("kafka-configs.sh")}; ${command}`;
  const env = principal === null ? {} : { PRINCIPAL: principal };
  const output = execFileSync("bash", ["-c", script], {
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return output
    .split("\n\n")
    .filter((call) => call !== "")
    .map((call) => call.split("\n"));
}

it("creates each missing topic as the connector would", async () => {
  const command = await commandFor("topic-missing", topics, {
    kafka: { brokers: ["one:9092", "two:9092"] },
    topics: {
      partitions: 3,
      replicationFactor: 2,
      config: { "cleanup.policy": "compact", note: "it's $HOME" },
    },
  });
  const calls = argumentsOf(command, null);
  const [deadLetters, ...own] = calls.reverse();
  expect(deadLetters).toContain("sell-kafka.dead-letter");
  expect(deadLetters).toContain("--if-not-exists");
  expect(own.reverse()).toEqual(
    topics.map((topic) => [
      "--bootstrap-server",
      "one:9092,two:9092",
      "--create",
      "--if-not-exists",
      "--topic",
      topic,
      "--partitions",
      "3",
      "--replication-factor",
      "2",
      "--config",
      "cleanup.policy=compact",
      "--config",
      "note=it's $HOME",
    ]),
  );
});

it("creates a dead-letter topic that is never compacted", async () => {
  const own = ["sell.contact", "sell-kafka.dead-letter"];
  const calls = argumentsOf(await commandFor("topic-missing", own), null);
  expect(calls.map((call) => call.join(" "))).toMatchObject([
    expect.stringMatching(/--topic sell\.contact .*cleanup\.policy=compact/),
    expect.stringMatching(
      /--topic sell-kafka\.dead-letter .*cleanup\.policy=delete .*retention\.ms=-1/,
    ),
  ]);
});

it("allows all topics in one command, for the principal that somebody names", async () => {
  const command = await commandFor("topic-denied", topics, {
    kafka: { brokers: ["one:9092"], ssl: true },
  });
  expect(() => argumentsOf(command, null)).toThrow();
  expect(argumentsOf(command, "crm")).toEqual([
    [
      "--bootstrap-server",
      "one:9092",
      "--command-config",
      "admin.properties",
      "--add",
      "--allow-principal",
      "User:crm",
      "--operation",
      "Describe",
      "--operation",
      "Write",
      ...topics.flatMap((topic) => ["--topic", topic]),
    ],
  ]);
  expect(await commandFor("topic-creation-denied", ["t"])).toContain(
    "--operation Create",
  );
});

it("raises the limit of each topic to what the largest record needs", async () => {
  const needed = [2_097_152, 4_194_304, 3_145_728];
  const three = ["sell.a", "sell.b", "sell.c"];
  const command = await commandFor("records-refused", three, {}, needed);
  const calls = argumentsOf(command, null).map((call) => call.join(" "));
  expect(calls).toEqual(
    three.map(
      (topic) =>
        `--bootstrap-server localhost:9092 --entity-type topics --entity-name ${topic} --alter --add-config max.message.bytes=4194304`,
    ),
  );
});

it("shows the settings of topics whose records are refused for no size", async () => {
  expect(await commandFor("records-refused", ["sell.a"])).toContain(
    "--describe",
  );
});

it("is none for a schema", async () => {
  expect(await commandFor("schema-refused", ["t-value"])).toBe("");
});
