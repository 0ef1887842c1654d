// The commands of the documents do what the documents say.
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Simulator } from "../../../src/simulator/server.ts";
import { TOKEN } from "../../support/process/connector.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";
import {
  blocksOf,
  documents,
  placeOf,
} from "../../support/documents/markdown.ts";
import { ChildProgram } from "../../support/process/program.ts";

/** Every command line that the documents tell a reader to type. */
const lines = documents()
  .flatMap(blocksOf)
  .filter(
    ({ language, origin }) => language === "sh" && origin?.kind !== "tested",
  )
  .flatMap(({ text }) => text.trimEnd().split("\n"));

/** A reader's folder: the documents' configuration, and the command as `npm run build` makes it. */
let folder: string;
let simulator: Simulator;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-readme-"));
  simulator = await Simulator.start({ records: 300 });
  await symlink(placeOf("dist"), join(folder, "dist"));
  const config = JSON.parse(
    await readFile(placeOf("connector.config.json"), "utf8"),
  ) as Record<string, object>;
  // As it is shown, but for where the servers are, and topics of its own.
  const here = {
    ...config,
    sell: { ...config["sell"], baseUrl: simulator.url },
    kafka: { ...config["kafka"], brokers: brokers() },
    topics: { pattern: `readme-${Date.now()}.{type}` },
  };
  await writeFile(join(folder, "connector.config.json"), JSON.stringify(here));
});

afterAll(async () => {
  await simulator[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function sellKafka(line: string): ChildProgram {
  const [, ...args] = line.split(" ");
  return new ChildProgram(process.execPath, ["dist/main.js", ...args], {
    cwd: folder,
    env: { SELL_ACCESS_TOKEN: TOKEN },
  });
}

const ok = { code: 0, signal: null };

describe.skipIf(servers === null)("the documents' commands", () => {
  it("are all tried: here, elsewhere, or because this runs", () => {
    const tried = [
      "npm run demo",
      "npm test",
      "npm run recipes",
      // test/recipes/heavy/spark.test.ts runs the program with these packages, by pyspark.
      "npm run recipes:heavy",
      "spark-submit --packages org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0,org.apache.spark:spark-avro_2.13:4.2.0 \\",
      "  contacts.py kafka:9092 http://registry:8081 sell.contact /data/contacts",
      "sell-kafka check",
      "sell-kafka sync",
      "sell-kafka run",
      "sell-kafka sync --stdout",
      // What they load is tried in each shell by test/cli/completion/completion.test.ts.
      "source <(sell-kafka completion bash)",
      "source <(sell-kafka completion zsh)",
      "sell-kafka completion fish | source",
      // The recipe of Protobuf in Python runs both.
      "sell-kafka schemas contact --value protobuf > contact.proto",
      "python -m grpc_tools.protoc -I. --python_out=. contact.proto",
    ];
    expect([...new Set(lines)].sort()).toEqual(tried.sort());
  });

  it("npm runs what package.json has", async () => {
    const { scripts } = JSON.parse(
      await readFile(placeOf("package.json"), "utf8"),
    ) as { scripts: Record<string, string> };
    const named = lines
      .filter((line) => line.startsWith("npm "))
      .map((line) => line.replace(/^npm (run )?/, ""));
    for (const name of named) {
      expect(scripts).toHaveProperty(name);
      expect(scripts[`pre${name}`]).toBe("node scripts/bootstrap.mjs");
    }
  });

  it("check, sync --stdout, sync and run do as they say", async () => {
    await using check = sellKafka("sell-kafka check");
    expect(await check.ended, check.stdout).toEqual(ok);

    await using printed = sellKafka("sell-kafka sync --stdout");
    expect(await printed.ended).toEqual(ok);
    expect(printed.stdout.trimEnd().split("\n")).toHaveLength(300);

    await using sync = sellKafka("sell-kafka sync");
    expect(await sync.ended).toEqual(ok);
    expect(sync.stderr).toMatch(/published +300\n/);

    await using run = sellKafka("sell-kafka run");
    await run.says("connected");
    run.kill("SIGTERM");
    expect(await run.ended).toEqual(ok);
  });

  it("the demo ends with Ctrl-C and a comparison", async () => {
    await using demo = new ChildProgram(
      process.execPath,
      ["src/main.ts", "demo"],
      {
        env: { SELL_KAFKA_TEST_BROKERS: brokers().join(",") },
      },
    );
    await demo.says("end with Ctrl-C");
    demo.kill("SIGINT");
    expect(await demo.ended).toEqual(ok);
    expect(demo.stdout).toContain("The counts agree");
  });
});
