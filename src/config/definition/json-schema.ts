import { z } from "zod";
import { configDefinition } from "./config.ts";

/** JSON Schema (draft 2020-12) of the configuration file, for editors. */
export function configJsonSchema(): object {
  return {
    title: "Configuration of sell-kafka",
    ...z.toJSONSchema(configDefinition, {
      io: "input",
      override: ({ zodSchema, jsonSchema }) => {
        if (zodSchema._zod.def.type === "array") allowPlaceholder(jsonSchema);
      },
    }),
  };
}

/** A text from outside may stand for a whole list; it is split before the definition sees it. */
function allowPlaceholder(jsonSchema: z.core.JSONSchema.BaseSchema): void {
  const { description = "", ...list } = jsonSchema;
  for (const key of Object.keys(jsonSchema))
    Reflect.deleteProperty(jsonSchema, key);
  jsonSchema.description = description;
  jsonSchema.anyOf = [list, { type: "string", pattern: "^\\$\\{(env|file):" }];
}
