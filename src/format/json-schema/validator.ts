import { Ajv, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isObject } from "../../json/parsed.ts";

/** Returns where a value does not fit a schema and why; null when it fits. */
export type Validate = (body: Buffer) => string | null;

const options: Options = {
  // An operator's schema may have keywords and formats of other tools.
  strict: false,
  validateFormats: false,
  // A number beyond a double's range is a number all the same.
  strictNumbers: false,
  logger: false,
};

/** A validator for an operator's JSON Schema. Throws for a text that is no such schema. */
export function createValidator(schemaText: string): Validate {
  const schema = JSON.parse(schemaText) as unknown;
  if (typeof schema !== "boolean" && !isObject(schema))
    throw new TypeError("it is neither an object nor a boolean");
  const validate = compile(schema);
  return (body) => {
    if (validate(JSON.parse(body.toString("utf8")))) return null;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath || "its root"} ${error?.message ?? "is refused"}`;
  };
}

function compile(schema: boolean | Readonly<Record<string, unknown>>) {
  if (typeof schema === "boolean") return new Ajv(options).compile(schema);
  // Ajv refuses the `$schema` of drafts before 07, which are read as 07, and returns promises for `$async`.
  const rest = Object.fromEntries(
    Object.entries(schema).filter(
      ([name]) => name !== "$schema" && name !== "$async",
    ),
  );
  const draft = String(schema["$schema"]);
  if (draft.includes("2020-12")) return new Ajv2020(options).compile(rest);
  if (draft.includes("2019-09")) return new Ajv2019(options).compile(rest);
  return new Ajv(options).compile(rest);
}
