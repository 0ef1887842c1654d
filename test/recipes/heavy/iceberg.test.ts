// The Iceberg sink appends the changes of all types to tables, and the documented query yields what Sell holds,
// cell by cell, through deletes, a new and a renamed custom field, and a killed worker; no change is there twice.
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "vitest";
import { javaProblem } from "../../../src/local/native.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { trialOf, type Trial } from "../../support/process/connector.ts";
import { servers } from "../../support/kafka/kafka.ts";
import { runPython } from "../../support/python/python.ts";
import { jarFolder, jars } from "../java.ts";
import { tablePackages } from "../python/packages.ts";
import {
  columnsByType,
  differenceAtRest,
  expectSameThroughChanges,
  sellRecords,
  startWorker,
  writeSettings,
} from "../sinks.ts";

const hasJava = (await javaProblem()) === null;
const packages = servers === null || !hasJava ? null : await tablePackages();
const url = servers?.registryUrl ?? "";

const classPath = () =>
  jars(
    "connect-worker",
    // Maven would choose an older one, of the converter, with which the others can't work.
    "com.fasterxml.jackson.core:jackson-core:2.19.0",
    "org.apache.kafka:connect-runtime:4.1.0",
    "io.apicurio:apicurio-registry-utils-converter:2.6.13.Final",
    // A failed task tells why on standard error.
    "org.slf4j:slf4j-simple:1.7.36",
  );
const sink = () =>
  jarFolder(
    "plugin-iceberg",
    "org.apache.iceberg:iceberg-kafka-connect:1.12.0",
    "org.apache.iceberg:iceberg-parquet:1.12.0",
    "org.apache.hadoop:hadoop-client-runtime:3.4.2",
  );

/** Null once the current state of all tables equals Sell's records; what differs when that stays the same for long. */
async function differing(
  trial: Trial,
  { world }: Simulator,
  warehouse: string,
): Promise<readonly string[] | null> {
  const types: Record<string, object> = {};
  for (const [type, columns] of await columnsByType(trial)) {
    const ofType = sellRecords(world).filter((one) => one.type === type);
    const records = Object.fromEntries(
      ofType.map((one) => [one.key, one.data]),
    );
    types[type] = { columns, records };
  }
  const task = JSON.stringify({ warehouse, namespace: trial.name, types });
  return differenceAtRest(async () => {
    const script = "test/recipes/iceberg/compare.py";
    const told = await runPython(packages ?? "", script, [], task);
    const lines = told.split("\n").filter((line) => line !== "");
    return lines.length === 0 ? null : lines;
  });
}

describe.skipIf(packages === null)("Iceberg", () => {
  it("yields Sell's state after changes, deletes, new and renamed custom fields, and a killed worker", async () => {
    await using simulator = await Simulator.start({
      ...{ records: 250, customFields: ["odd"] },
    });
    await using trial = await trialOf(simulator.url, {
      format: { value: "avro", layout: "columns" },
      schemaRegistry: { url },
    });
    const folder = await mkdtemp(join(tmpdir(), "sell-kafka-recipe-"));
    const warehouse = join(folder, "warehouse");
    await writeSettings("iceberg", folder, {
      ...{ warehouse, interval: "2000", topics: `${trial.name}[.].*` },
    });
    await symlink(await sink(), join(folder, "plugins", "iceberg"));
    // The first worker is killed while it writes the last changes.
    await expectSameThroughChanges({
      ...{ simulator, trial },
      start: async () => startWorker(folder, await classPath()),
      difference: () => differing(trial, simulator, warehouse),
    });
    await rm(folder, { recursive: true, force: true });
  }, 900_000);
});
