// The schema of the chart's values holds the configuration's own, and accepts what the chart is tested with.
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  chartSchemaText,
  file as schemaFile,
} from "../../scripts/chart-schema.ts";
import { chart, renderings } from "../support/documents/chart.ts";

const defaults = parse(readFileSync(`${chart}/values.yaml`, "utf8")) as object;
const validate = new Ajv({ allErrors: true, strict: false }).compile(
  JSON.parse(readFileSync(schemaFile, "utf8")) as object,
);

/** What the schema refuses of these values, laid over those of the chart. */
function problemsOf(values: unknown): string[] {
  validate(merged(defaults, values));
  return (validate.errors ?? []).map((error) => error.instancePath);
}

/** As helm merges values: objects member by member, and all else as a whole. */
function merged(base: unknown, over: unknown): unknown {
  const isObject = (value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(base) || !isObject(over)) return over ?? base;
  const result: Record<string, unknown> = { ...(base as object) };
  for (const [key, value] of Object.entries(over as object))
    result[key] = merged(result[key], value);
  return result;
}

describe("the schema of the chart's values", () => {
  it.each(Object.entries(renderings))("accepts those of %s", (_, args) => {
    const file = args.at(-1);
    const values: unknown =
      file === undefined ? {} : parse(readFileSync(file, "utf8"));
    expect(problemsOf(values)).toEqual([]);
  });

  it("is written from the configuration's definition (npm run schema)", async () => {
    expect(readFileSync(schemaFile, "utf8")).toBe(await chartSchemaText());
  });

  it("has only patterns that helm can read: Go's expressions can't look ahead, nor count to 1,001", () => {
    const text = readFileSync(schemaFile, "utf8");
    expect(text.match(/"pattern": "/g)?.length).toBeGreaterThan(10);
    expect(text).not.toMatch(/"pattern": ".*\(\?[^:]/);
    expect(text).not.toMatch(/"pattern": ".*\{\d*,?\d{5}/);
  });

  it.each([
    [{ sell: { pollIntervalMs: 5 } }, "/config/sell/pollIntervalMs"],
    [{ kafka: { brokres: [] } }, "/config/kafka"],
    [{ delivery: { guarantee: "twice" } }, "/config/delivery/guarantee"],
    [{ delivery: { deadLetterTopic: ".." } }, "/config/delivery/dead"],
    [{ server: { host: "127.0.0.1", port: 9464 } }, "/config/server/host"],
    [{ server: { host: "::", port: 80 } }, "/config/server/port"],
  ])(
    "refuses what the program refuses or the pod can't use: %j",
    (part, at) => {
      expect(problemsOf({ config: part }).join("\n")).toContain(at);
    },
  );
});
