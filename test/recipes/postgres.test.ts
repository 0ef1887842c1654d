// Debezium's JDBC sink keeps PostgreSQL tables of all types equal to Sell, cell by cell, through
// deletes, a new and a renamed custom field, and restarts of the connector, the worker and the database.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { Registry } from "../../src/format/schema-registry/registry.ts";
import { typesWithSchema } from "../../src/format/schema-files.ts";
import { javaProblem } from "../../src/local/native.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { trialOf, type Trial } from "../support/process/connector.ts";
import { brokers, servers } from "../support/kafka/kafka.ts";
import { synced } from "./contacts.ts";
import { filledIn, jars, JavaProgram, recipe } from "./java.ts";
import { differences, sellState } from "./postgres/compare.ts";
import { findPostgres, Postgres } from "./postgres/server.ts";

const hasJava = (await javaProblem()) === null;
const programs = servers === null || !hasJava ? null : await findPostgres();
const url = servers?.registryUrl ?? "";
const STANDS_STILL_MS = 60_000;

async function startWorker(folder: string): Promise<JavaProgram> {
  const classPath = await jars(
    "connect-jdbc",
    "org.apache.kafka:connect-runtime:4.1.0",
    "io.debezium:debezium-connector-jdbc:3.3.1.Final",
    "io.apicurio:apicurio-registry-utils-converter:2.6.13.Final",
  );
  const files = ["worker.properties", "sink.properties"];
  return new JavaProgram(
    classPath,
    ["org.apache.kafka.connect.cli.ConnectStandalone", ...files],
    { cwd: folder },
  );
}

async function writeSettings(
  folder: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  for (const file of [
    "connect/worker.properties",
    "postgres/sink.properties",
  ]) {
    const text = await readFile(recipe(`./${file}`), "utf8");
    await writeFile(join(folder, basename(file)), filledIn(text, values));
  }
}

/** Null once all rows equal Sell's records; what differs when that stays the same for long. */
async function differing(
  { name }: Trial,
  { world }: Simulator,
  postgres: Postgres,
): Promise<Difference> {
  await postgres.sql(sellState(world));
  const registry = new Registry({ url });
  const queries = new Map<string, string>();
  for (const type of typesWithSchema()) {
    const subject = `${name}.${type}-value`;
    const latest = await registry.latest(subject, AbortSignal.timeout(30_000));
    queries.set(type, differences(type, latest?.text ?? ""));
  }
  let lastChangeMs = performance.now();
  let found: Difference = null;
  for (;;) {
    const now = await firstDifference(queries, postgres);
    if (now === null) return null;
    if (!isDeepStrictEqual(now, found)) lastChangeMs = performance.now();
    found = now;
    if (performance.now() - lastChangeMs > STANDS_STILL_MS) return found;
    await delay(1_000);
  }
}

/** The first type whose rows differ, and their keys. */
type Difference = readonly [type: string, keys: readonly string[]] | null;

async function firstDifference(
  queries: ReadonlyMap<string, string>,
  postgres: Postgres,
): Promise<Difference> {
  for (const [type, query] of queries)
    try {
      const keys = await postgres.sql(query);
      if (keys.length > 0) return [type, keys];
    } catch (error) {
      // The sink has not created the table or a column yet.
      return [type, [String(error)]];
    }
  return null;
}

/** Their custom fields change, so Sell tells all of them. */
const changed = new Set(["contact", "deal"]);

/** Changes every third record and all of those, deletes every seventh, and creates one of each type. */
function change({ world }: Simulator): void {
  const { size } = world;
  for (let index = 0; index < size; index++) {
    if (world.isDeleted(index)) continue;
    if (index % 7 === 0) world.delete(index, Date.now());
    else if (index % 3 === 0 || changed.has(world.state(index).type))
      world.update(index, Date.now());
  }
  for (const type of typesWithSchema().keys()) world.create(type, Date.now());
}

describe.skipIf(programs === null)("PostgreSQL", () => {
  it("equals Sell after changes, deletes, new and renamed custom fields, and restarts of each part", async () => {
    await using simulator = await Simulator.start({
      ...{ records: 250, customFields: ["odd"] },
    });
    await using trial = await trialOf(simulator.url, {
      format: { value: "avro", layout: "columns" },
      schemaRegistry: { url },
    });
    await using postgres = await Postgres.create(programs ?? "");
    const folder = await mkdtemp(join(tmpdir(), "sell-kafka-recipe-"));
    await writeSettings(folder, {
      ...{ folder, url: postgres.url, user: "sell", password: "sell" },
      brokers: brokers().join(","),
      registry: new URL("/apis/registry/v2", url).href,
      topics: `${trial.name}[.].*`,
    });
    const expectSame = async (worker: JavaProgram) => {
      const difference = await differing(trial, simulator, postgres);
      expect(difference, worker.stderr).toBeNull();
    };
    await synced(trial);
    {
      await using worker = await startWorker(folder);
      await expectSame(worker);
      const { customFields } = simulator.world;
      customFields.add("deal", "Won because", "string");
      customFields.rename("contact", "Region", "Sales region");
      change(simulator);
      await synced(trial);
      await expectSame(worker);
      // Its task fails with the database; what it missed waits in Kafka.
      await postgres.restart();
      change(simulator);
      await synced(trial);
    }
    change(simulator);
    await synced(trial);
    await using worker = await startWorker(folder);
    await expectSame(worker);
    const types = await postgres.sql(
      "SELECT DISTINCT data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1",
    );
    expect(types).toEqual([
      ...["ARRAY", "bigint", "boolean", "date", "json", "numeric", "text"],
      "timestamp without time zone",
    ]);
    const [won] = await postgres.sql(
      "SELECT count(cf_won_because) > 0 FROM deal",
    );
    expect(won).toBe("t");
    await rm(folder, { recursive: true, force: true });
  }, 600_000);
});
