// Spark appends the rows of a topic to a table, whose newest rows are the contacts of Sell.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { javaProblem } from "../../../src/local/native.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";
import { ChildProgram } from "../../support/process/program.ts";
import { trialOf } from "../../support/process/connector.ts";
import { preparePython } from "../../support/python/python.ts";
import { sellOfTwoContacts, synced } from "../contacts.ts";
import { jars, recipe } from "../java.ts";

const hasJava = (await javaProblem()) === null;
const url = servers?.registryUrl ?? "";
const requirements = new URL("../spark/requirements.txt", import.meta.url);

/** What the recipe prints, in a Spark of its own. */
async function contacts(topic: string, folder: string): Promise<string> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const packages = await preparePython(say, requirements);
  const classPath = await jars(
    "spark",
    "org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0",
    "org.apache.spark:spark-avro_2.13:4.2.0",
  );
  await using spark = new ChildProgram(
    "python3",
    [recipe("./spark/contacts.py"), brokers().join(","), url, topic, folder],
    {
      env: {
        PYTHONPATH: packages,
        PYSPARK_SUBMIT_ARGS: `--master local[1] --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=1 --jars ${classPath}.jar pyspark-shell`,
      },
      cwd: folder,
    },
  );
  const { code } = await spark.ended;
  expect(code, spark.stderr).toBe(0);
  return spark.stdout;
}

describe.skipIf(servers === null || !hasJava)("Spark", () => {
  it("keeps a table of contacts from flat Avro columns, deletes too", async () => {
    await using sell = await sellOfTwoContacts();
    await using trial = await trialOf(sell.url, {
      format: { envelope: "flat", value: "avro", layout: "columns" },
      schemaRegistry: { url },
    });
    const topic = `${trial.name}.contact`;
    const folder = await mkdtemp(join(tmpdir(), "sell-kafka-recipe-"));
    await synced(trial);
    expect(await contacts(topic, folder)).toBe(
      "1 = Ada = EMEA = 2026-11-21 10:00:00\n2 = Bo = None = 2026-11-21 10:00:00\n",
    );
    // The second run goes on where the first one ended.
    await synced(trial);
    expect(await contacts(topic, folder)).toBe(
      "1 = Ada Lovelace = EMEA = 2026-11-22 10:00:00\n",
    );
    await rm(folder, { recursive: true, force: true });
  }, 600_000);
});
