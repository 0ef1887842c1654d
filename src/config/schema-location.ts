import { fileURLToPath } from "node:url";

/** Returns the path of the JSON Schema of configurations, which comes with the program. */
export function schemaLocation(): string {
  const file = "../../schemas/connector.config.schema.json";
  return fileURLToPath(new URL(file, import.meta.url));
}
