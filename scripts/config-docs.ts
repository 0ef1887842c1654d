// Writes docs/configuration.md from the definition that configurations are checked by.
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { secretPaths } from "../src/config/definition/config.ts";
import { configJsonSchema } from "../src/config/definition/json-schema.ts";

export const file = new URL("../docs/configuration.md", import.meta.url);

/** What is used here of JSON Schema. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const intro = `# Configuration

<!-- Written by \`npm run schema\`: change src/config/definition/, or the script, in place of this file. -->

One file, by default \`connector.config.json\` in the folder where the command runs; \`--config FILE\` names another. It is JSON; comments, and a comma after the last element, are allowed. \`sell-kafka init\` writes a first one. Unknown keys are errors, every problem is told at once, and a command that finds one ends with exit code 2 before it reaches anything.

Editors complete and check the file by [schemas/connector.config.schema.json](../schemas/connector.config.schema.json), which \`$schema\` names.

## Values from outside

In any string, \`\${env:NAME}\` stands for an environment variable and \`\${file:PATH}\` for the content of a file, each without one trailing line end; a relative path starts at the folder of the configuration. One that is missing is an error. \`$\${\` is a literal \`\${\`. Where a number or a boolean is wanted, a string that is nothing but one placeholder will do. One variable may hold several brokers: \`"brokers": "\${env:KAFKA_BROKERS}"\` with \`kafka1:9092,kafka2:9092\`.

Secrets, marked below, belong there and not into the file. No log, error, metric or page shows them, nor does any command take them as an option, since other users of a machine can see those.
`;

/** The document, as it belongs into the repository. */
export async function configDocsText(): Promise<string> {
  const { properties = {}, required = [] } = configJsonSchema() as Schema;
  const isGroup = ([, schema]: [string, Schema]) =>
    schema.properties !== undefined;
  const entries = Object.entries(properties);
  const single = entries.filter((entry) => !isGroup(entry));
  const groups = entries.filter(isGroup).map(([name, schema]) => {
    const isNeeded = required.includes(name);
    const about = schema.description;
    return [
      `## \`${name}\``,
      about === undefined ? "" : `${about}. ${isNeeded ? "" : "Optional."}`,
      tableOf(rowsWithin(name, schema)),
    ].join("\n\n");
  });
  const top = single.flatMap(([name, schema]) =>
    rowsOf(name, schema, required.includes(name)),
  );
  return format(
    [intro, "## At the top", tableOf(top), ...groups].join("\n\n"),
    { parser: "markdown" },
  );
}

type Row = readonly [
  key: string,
  type: string,
  standard: string,
  meaning: string,
];

function tableOf(rows: readonly Row[]): string {
  return [["key", "type", "default", "meaning"], ["-", "-", "-", "-"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function rowsWithin(
  path: string,
  { properties = {}, required = [] }: Schema,
  condition = "",
): Row[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    rowsOf(`${path}.${name}`, schema, required.includes(name), condition),
  );
}

/** A row for a key, and one for each key within it. */
function rowsOf(
  path: string,
  schema: Schema,
  isRequired: boolean,
  condition = "",
): Row[] {
  const variants = schema.anyOf ?? schema.oneOf ?? [schema];
  const standard =
    schema.default === undefined
      ? isRequired
        ? "required"
        : ""
      : `\`${JSON.stringify(schema.default)}\``;
  const meaning = [
    `${schema.description ?? ""}${condition}`,
    ...(secretPaths.includes(path) ? ["**Secret**"] : []),
  ].join(". ");
  const types = [...new Set(variants.map(typeOf))].join(", or ");
  return [
    [`\`${path}\``, types, standard, meaning],
    ...variants.flatMap((variant) =>
      rowsWithin(path, variant, conditionOf(variant)),
    ),
  ];
}

/** Of the keys of one variant: what must be set for them. */
function conditionOf({ properties = {} }: Schema): string {
  const { mechanism } = properties;
  const values = mechanism?.enum ?? [mechanism?.const].filter(Boolean);
  return values.length === 0 ? "" : ` (with ${values.map(code).join(", ")})`;
}

function typeOf(schema: Schema): string {
  const { type = "object", minimum, maximum, exclusiveMinimum } = schema;
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  if (schema.const !== undefined) return code(schema.const);
  if (type === "array") return `list of ${typeOf(schema.items ?? {})}s`;
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  const least =
    exclusiveMinimum !== undefined
      ? `above ${exclusiveMinimum}`
      : minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER
        ? `from ${minimum}`
        : "";
  return [type, least, isBounded ? `to ${maximum}` : ""]
    .filter((part) => part !== "")
    .join(" ");
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

if (import.meta.main) writeFileSync(file, await configDocsText());
