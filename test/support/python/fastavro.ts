import { request } from "undici";
import { inject } from "vitest";
import { servers } from "../kafka/kafka.ts";
import type { Consumed } from "../kafka/read-topics.ts";
import { runPython } from "./python.ts";

const packages = inject("python");
const url = servers?.registryUrl ?? "";

export type Row = Readonly<Record<string, unknown>>;

/** A value that was read, with the record that it came in. */
export interface ReadValue {
  readonly record: Consumed;
  readonly value: Row;
}

/** The values as fastavro reads them. */
export function readWithFastavro(
  records: readonly Consumed[],
): Promise<ReadValue[]> {
  return readWithSchemas(records, "test/support/python/read_avro.py");
}

/** The values as a script reads them that gets the texts of their schemas. */
export async function readWithSchemas(
  records: readonly Consumed[],
  script: string,
): Promise<ReadValue[]> {
  const withValue = records.flatMap((record) =>
    record.value === null ? [] : [{ record, bytes: record.value }],
  );
  const ids = new Set(withValue.map(({ bytes }) => bytes.readUInt32BE(1)));
  const schemas: Record<string, string> = {};
  for (const id of ids) {
    const { body } = await request(`${url}/schemas/ids/${id}`);
    schemas[id] = ((await body.json()) as { schema: string }).schema;
  }
  const values = withValue.map(({ bytes }) => bytes.toString("base64"));
  const output = await runPython(
    packages ?? "",
    script,
    [],
    JSON.stringify({ schemas, values }),
  );
  const lines = output.trimEnd().split("\n");
  return withValue.map(({ record }, index) => ({
    record,
    value: JSON.parse(lines[index] ?? "") as Row,
  }));
}
