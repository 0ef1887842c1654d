// Flink SQL keeps its table right from the topics of the connector.
import { describe, expect, it } from "vitest";
import { javaProblem } from "../../src/local/native.ts";
import { brokers, servers } from "../support/kafka/kafka.ts";
import { trialOf } from "../support/process/connector.ts";
import { sellOfTwoContacts, synced } from "./contacts.ts";
import { jars, JavaProgram, recipe } from "./java.ts";

const hasJava = (await javaProblem()) === null;
const url = servers?.registryUrl ?? "";

const recipes = [
  {
    file: "contacts.sql",
    of: "flat JSON",
    artifact: "org.apache.flink:flink-json:2.2.1",
    overrides: { format: { envelope: "flat" } },
  },
  {
    file: "contacts_avro.sql",
    of: "flat Avro in columns",
    artifact: "org.apache.flink:flink-sql-avro-confluent-registry:2.2.0",
    overrides: {
      format: { envelope: "flat", value: "avro", layout: "columns" },
      schemaRegistry: { url },
    },
  },
] as const;

describe.skipIf(servers === null || !hasJava)("Flink SQL", () => {
  it.each(recipes)(
    "reads $of with upsert-kafka, deletes too",
    async ({ file, artifact, overrides }) => {
      const classPath = await jars(
        `flink-${file.replace(".sql", "")}`,
        "org.apache.flink:flink-table-planner_2.12:2.2.1",
        "org.apache.flink:flink-table-runtime:2.2.1",
        "org.apache.flink:flink-clients:2.2.1",
        artifact,
        "org.apache.flink:flink-connector-base:2.2.1",
        "org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2",
      );
      await using sell = await sellOfTwoContacts();
      await using trial = await trialOf(sell.url, overrides);
      await synced(trial);
      await synced(trial);
      await using flink = new JavaProgram(classPath, [
        "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "-Duser.timezone=UTC",
        recipe("./flink/RunSql.java"),
        recipe(`./flink/${file}`),
        brokers().join(","),
        `${trial.name}.contact`,
        url,
      ]);
      const { code } = await flink.ended;
      expect(code, flink.stderr).toBe(0);
      const rows = flink.stdout
        .split("\n")
        .filter((line) => /^\| [+-]/.test(line))
        .map((line) => line.split("|").map((cell) => cell.trim()));
      const ofContact = (id: string) =>
        rows.filter((row) => row[2] === id).map((row) => row.slice(1, 6));
      expect(ofContact("1")).toEqual([
        ["+I", "1", "Ada", "EMEA", "2026-11-21 10:00:00"],
        ["-U", "1", "Ada", "EMEA", "2026-11-21 10:00:00"],
        ["+U", "1", "Ada Lovelace", "EMEA", "2026-11-22 10:00:00"],
      ]);
      expect(ofContact("2").map(([op]) => op)).toEqual(["+I", "-D"]);
    },
  );
});
