// Debezium's JDBC sink keeps PostgreSQL tables of all types equal to Sell, cell by cell, through
// deletes, a new and a renamed custom field, and restarts of the connector, the worker and the database.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { javaProblem } from "../../src/local/native.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { trialOf, type Trial } from "../support/process/connector.ts";
import { servers } from "../support/kafka/kafka.ts";
import { jars } from "./java.ts";
import { differences, sellState } from "./postgres/compare.ts";
import { findPostgres, Postgres } from "./postgres/server.ts";
import {
  columnsByType,
  differenceAtRest,
  expectSameThroughChanges,
  startWorker,
  writeSettings,
} from "./sinks.ts";

const hasJava = (await javaProblem()) === null;
const programs = servers === null || !hasJava ? null : await findPostgres();
const url = servers?.registryUrl ?? "";

const classPath = () =>
  jars(
    "connect-jdbc",
    "org.apache.kafka:connect-runtime:4.1.0",
    "io.debezium:debezium-connector-jdbc:3.3.1.Final",
    "io.apicurio:apicurio-registry-utils-converter:2.6.13.Final",
  );

/** Null once all rows equal Sell's records; what differs when that stays the same for long. */
async function differing(
  trial: Trial,
  { world }: Simulator,
  postgres: Postgres,
): Promise<Difference> {
  await postgres.sql(sellState(world));
  const queries = new Map<string, string>();
  for (const [type, columns] of await columnsByType(trial))
    queries.set(type, differences(type, columns));
  return differenceAtRest(() => firstDifference(queries, postgres));
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
    await writeSettings("postgres", folder, {
      ...{ url: postgres.url, user: "sell", password: "sell" },
      topics: `${trial.name}[.].*`,
    });
    await expectSameThroughChanges({
      ...{ simulator, trial },
      start: async () => startWorker(folder, await classPath()),
      difference: () => differing(trial, simulator, postgres),
      // The sink's task fails with the database; what it missed waits in Kafka.
      disturb: () => postgres.restart(),
    });
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
