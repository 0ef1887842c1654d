import type { Config } from "../../config/definition/config.ts";
import { routerOf } from "../../app/parts.ts";
import { Registry } from "../../format/schema-registry/registry.ts";
import { avroFormat } from "../../format/avro/avro-format.ts";
import { typesWithSchema } from "../../format/schema-files.ts";
import { valueSubject } from "../../format/schema-registry/topic-schemas.ts";
import { envelopes } from "../../format/envelopes/envelopes.ts";
import type { SchemaSet, ValueShape } from "../../format/value-format.ts";
import {
  registeredFormatNames,
  schemasOf,
} from "../../format/value-formats.ts";
import { print, UsageError, type Context } from "../context.ts";
import { configOf } from "../drains.ts";
import type { CommonFlags } from "../options.ts";

export interface SchemasFlags extends Omit<CommonFlags, "config"> {
  readonly config?: string;
  readonly envelope?: Config["format"]["envelope"];
  readonly value?: Config["format"]["value"];
  readonly register?: boolean;
}

/** Lists the schemas of values, prints those of some types, or registers them. */
export async function schemas(
  types: readonly string[],
  flags: SchemasFlags,
  context: Context,
): Promise<number> {
  for (const type of types)
    if (!typesWithSchema().includes(type))
      throw new UsageError(
        `there is no schema for the type "${type}": it would be written with the generic one. There are ${typesWithSchema().join(", ")}`,
      );
  if (flags.register === true) return registerAll(types, flags, context);
  const { stdout } = context;
  const config =
    flags.config === undefined
      ? null
      : await configOf({ config: flags.config }, context);
  const shape = shapeOf(flags, config);
  const set = schemaSetOf(flags, config);
  if (types.length === 0) {
    const known = typesWithSchema();
    const list = flags.json ? JSON.stringify(known) : known.join("\n");
    await print(stdout, `${list}\n`);
    return 0;
  }
  for (const type of types) {
    const schema = JSON.parse(set.text(type, shape)) as unknown;
    const text = JSON.stringify(schema, null, flags.json ? 0 : 2);
    await print(stdout, `${text}\n`);
  }
  return 0;
}

function shapeOf(flags: SchemasFlags, config: Config | null): ValueShape {
  return envelopes[flags.envelope ?? config?.format.envelope ?? "change"].shape;
}

/** The schemas of the format that was asked for, or of the configuration's; Avro's when that has none. */
function schemaSetOf(flags: SchemasFlags, config: Config | null): SchemaSet {
  if (flags.value === undefined)
    return schemasOf(config?.format.value) ?? avroFormat.schemas;
  const schemas = schemasOf(flags.value);
  if (schemas === null)
    throw new UsageError(
      `values as ${flags.value} have no schemas; those as ${registeredFormatNames.join(", ")} have`,
    );
  return schemas;
}

async function registerAll(
  types: readonly string[],
  flags: SchemasFlags,
  context: Context,
): Promise<number> {
  const path = flags.config ?? "connector.config.json";
  const config = await configOf({ config: path }, context);
  const { schemaRegistry } = config;
  if (schemaRegistry === undefined)
    throw new UsageError(
      `${path} names no schemaRegistry to register schemas with; set schemaRegistry.url`,
    );
  const registry = new Registry(schemaRegistry);
  const router = routerOf(config);
  const shape = shapeOf(flags, config);
  const set = schemaSetOf(flags, config);
  const isPerType = config.topics.pattern.includes("{type}");
  const wanted = isPerType
    ? types.length > 0
      ? types
      : typesWithSchema()
    : ["generic"];
  const registered: { subject: string; id: number }[] = [];
  for (const type of wanted) {
    const subject = valueSubject(router.topic(type));
    const text = set.text(isPerType ? type : null, shape);
    const schema = { kind: set.kind, text };
    const id = await registry.register(subject, schema, context.stopping);
    registered.push({ subject, id });
    if (!flags.json)
      await print(context.stdout, `${subject} is schema ${id}\n`);
  }
  if (flags.json)
    await print(context.stdout, `${JSON.stringify(registered)}\n`);
  return 0;
}
