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
    | "schema-refused",
  subjects: readonly string[],
  settings: object = {},
): Promise<string> {
  const deferrals = new Deferrals();
  for (const subject of subjects)
    deferrals.add("contact", { ...missingTopic(subject), code });
  const [deferral] = deferrals.list();
  if (deferral === undefined) throw new Error("nothing is deferred");
  return remedyCommand(deferral, await configWith(settings)) ?? "";
}

/** What a shell passes to the programs of Kafka. */
function argumentsOf(command: string, principal: string | null): string[][] {
  const shows = (name: string) => `${name}() { printf '%s\\n' "$@" ''; }`;
  const script = `${shows("kafka-topics.sh")}; ${shows("kafka-acls.sh")}; ${command}`;
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
  expect(calls).toEqual(
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

it("is none for a schema", async () => {
  expect(await commandFor("schema-refused", ["t-value"])).toBe("");
});
