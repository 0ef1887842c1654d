// Writes schemas/connector.config.schema.json, which editors check a configuration by.
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { configFileJsonSchema } from "../src/config/definition/json-schema.ts";

export const file = new URL(
  "../schemas/connector.config.schema.json",
  import.meta.url,
);

export async function schemaFileText(): Promise<string> {
  return format(JSON.stringify(configFileJsonSchema("draft-2020-12")), {
    parser: "json",
  });
}

if (import.meta.main) writeFileSync(file, await schemaFileText());
