import { z } from "zod";
import { configDefinition } from "./config.ts";

type Node = z.core.JSONSchema.BaseSchema;

/** JSON Schema (draft 2020-12) of the configuration, once texts from outside are in their places. */
export function configJsonSchema(): object {
  return toJsonSchema("draft-2020-12", (type, jsonSchema) => {
    // A text that stands for a whole list is split before the definition sees it.
    if (type === "array") allowText(jsonSchema, PLACEHOLDER);
  });
}

/** JSON Schema of the file as it is written, where a placeholder may stand for any value. */
export function configFileJsonSchema(target: Target): object {
  return toJsonSchema(target, (type, jsonSchema) => {
    if (type === "string" && jsonSchema.pattern !== undefined)
      allowText(jsonSchema, WITHIN);
    if (PLACEABLE.has(type)) allowText(jsonSchema, PLACEHOLDER);
    // Where a placeholder stands for what tells the variants apart, several may fit.
    if (jsonSchema.oneOf !== undefined) {
      jsonSchema.anyOf = jsonSchema.oneOf;
      delete jsonSchema.oneOf;
    }
  });
}

type Target = "draft-2020-12" | "draft-7";

function toJsonSchema(
  target: Target,
  override: (type: string, jsonSchema: Node) => void,
): object {
  return {
    title: "Configuration of sell-kafka",
    ...z.toJSONSchema(configDefinition, {
      io: "input",
      target,
      override: ({ zodSchema, jsonSchema }) => {
        override(zodSchema._zod.def.type, jsonSchema);
      },
    }),
  };
}

/** A text with a placeholder in it. */
const WITHIN = "\\$\\{(env|file):";

/** One placeholder, and nothing else. */
const PLACEHOLDER = "^\\$\\{(env|file):[^}]+\\}$";

const PLACEABLE: ReadonlySet<string> = new Set([
  "array",
  "boolean",
  "enum",
  "literal",
  "number",
]);

/** Makes a schema accept texts of this pattern as well. */
function allowText(jsonSchema: Node, pattern: string): void {
  const { description, ...strict } = jsonSchema;
  for (const key of Object.keys(jsonSchema))
    Reflect.deleteProperty(jsonSchema, key);
  if (description !== undefined) jsonSchema.description = description;
  jsonSchema.anyOf = [strict, { type: "string", pattern }];
}
