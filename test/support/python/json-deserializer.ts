import { inject } from "vitest";
import type { Row } from "./fastavro.ts";
import { servers } from "../kafka/kafka.ts";
import { runPython } from "./python.ts";
import type { Consumed } from "../kafka/read-topics.ts";

/** The values as confluent-kafka's JSONDeserializer reads and validates them, each with its record. */
export async function readWithJsonDeserializer(
  records: readonly Consumed[],
): Promise<{ record: Consumed; value: Row }[]> {
  const withValue = records.flatMap((record) =>
    record.value === null ? [] : [{ record, bytes: record.value }],
  );
  const output = await runPython(
    inject("python") ?? "",
    "test/support/python/read_json_schema.py",
    [servers?.registryUrl ?? ""],
    JSON.stringify(withValue.map(({ bytes }) => bytes.toString("base64"))),
  );
  const lines = output.trimEnd().split("\n");
  return withValue.map(({ record }, index) => ({
    record,
    value: JSON.parse(lines[index] ?? "") as Row,
  }));
}
