// Writes the chart's values.schema.json: deploy/helm/values.schema.base.json and, for `config`,
// the JSON Schema of the configuration. helm knows no newer draft than 7.
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { configFileJsonSchema } from "../src/config/definition/json-schema.ts";

const folder = new URL("../deploy/helm/", import.meta.url);

export const file = new URL("sell-kafka/values.schema.json", folder);

export async function chartSchemaText(): Promise<string> {
  const base = new URL("values.schema.base.json", folder);
  const { definitions, ...values } = JSON.parse(readFileSync(base, "utf8")) as {
    definitions: object;
  };
  // The whole document names the draft.
  const config = { ...configFileJsonSchema("draft-7"), $schema: undefined };
  const schema = { ...values, definitions: { ...definitions, config } };
  return format(JSON.stringify(schema, withoutLookahead), { parser: "json" });
}

/** helm checks patterns by Go's expressions, which can't look ahead: says by `not` what must not follow. */
function withoutLookahead(_key: string, value: unknown): unknown {
  const { pattern } = (value ?? {}) as { pattern?: unknown };
  if (typeof pattern !== "string") return value;
  const [, unwanted, wanted] = /^\^\(\?!(.*?)\)(.*)$/.exec(pattern) ?? [];
  if (unwanted === undefined || wanted === undefined) return value;
  return {
    ...(value as object),
    pattern: `^${wanted}`,
    not: { pattern: `^${unwanted}` },
  };
}

if (import.meta.main) writeFileSync(file, await chartSchemaText());
