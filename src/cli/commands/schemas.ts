import { Option, type Command } from "@commander-js/extra-typings";
import type { AppContext } from "../../app/context/app-context.ts";
import { UsageError } from "../../app/usage-error.ts";
import type { Config } from "../../config/definition/config.ts";
import {
  envelopeNames,
  layoutNames,
  valueFormatNames,
  type LayoutName,
} from "../../format/names.ts";
import type { Schema } from "../../format/schema-registry/schema.ts";
import type {
  ColumnsLayout,
  SchemaSet,
  ValueShape,
} from "../../format/value-format.ts";
import { examples } from "../examples.ts";
import type { FlagsOf } from "../options.ts";
import { print, type ProcessContext } from "../process-context.ts";
import type { Definition } from "./definition.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("schemas")).action((types, flags) =>
    execute(() => schemas(types, flags, context)),
  );
};

const withOptions = (command: Command) =>
  command
    .description(
      "list the schemas of values, print those of some types, or register them",
    )
    .argument("[types...]", "resource types, such as contact")
    .option(
      "--config <file>",
      "configuration file: its envelope, topics and registry",
    )
    .addOption(
      new Option(
        "--envelope <name>",
        "the envelope that the schemas are for",
      ).choices(envelopeNames),
    )
    .addOption(
      new Option(
        "--value <format>",
        "the value format that the schemas are for",
      ).choices(valueFormatNames),
    )
    .addOption(
      new Option(
        "--layout <name>",
        "the layout that the schemas are for",
      ).choices(layoutNames),
    )
    .option("--register", "register them with the configuration's registry")
    .option("--json", "print the result as JSON on standard output")
    .addHelpText(
      "after",
      examples(
        ["list the types that have a schema", "schemas"],
        ["the Avro schema of deals", "schemas deal --envelope flat"],
        ["register all before the first record", "schemas --register"],
      ),
    );

type SchemasFlags = FlagsOf<typeof withOptions>;

/** Lists the schemas of values, prints those of some types, or registers them. */
async function schemas(
  types: readonly string[],
  flags: SchemasFlags,
  context: ProcessContext,
): Promise<number> {
  const { openApp, typesWithSchema } = await load();
  for (const type of types)
    if (!typesWithSchema().includes(type))
      throw new UsageError(
        `there is no schema for the type "${type}": it would be written with the generic one. There are ${typesWithSchema().join(", ")}`,
      );
  if (flags.register === true) return registerAll(types, flags, context);
  await using app =
    flags.config === undefined
      ? null
      : await openApp({ config: flags.config }, context, "quiet");
  if (types.length === 0) return await listTypes(flags, context);
  const chosen = await chosenSchemas(flags, app?.config ?? null);
  return await printAll(types, app, chosen, context);
}

async function listTypes(
  { json }: SchemasFlags,
  { stdout }: ProcessContext,
): Promise<number> {
  const { typesWithSchema } = await load();
  const known = typesWithSchema();
  const list = json ? JSON.stringify(known) : known.join("\n");
  await print(stdout, `${list}\n`);
  return 0;
}

async function printAll(
  types: readonly string[],
  app: AppContext | null,
  chosen: Chosen,
  { stdout, stopping }: ProcessContext,
): Promise<number> {
  const schemaOf = await needing(app, chosen, stopping);
  for (const type of types) {
    const schema = await schemaOf(type, stopping);
    await print(stdout, shown(schema, chosen.asJson));
  }
  return 0;
}

/** Finds the schema of each type, with the columns of the custom fields that Sell and the registry know. */
async function needing(
  app: AppContext | null,
  { set, shape, layout }: Chosen,
  signal: AbortSignal,
): Promise<(type: string, signal: AbortSignal) => Promise<Schema>> {
  const { LogObserver, neededSchema, typesWithSchema, ...lib } = await load();
  const opened = app?.openColumns(new LogObserver(app.logger)) ?? null;
  await opened?.customFields.ask(signal);
  const columns: Pick<ColumnsLayout, "customFields"> | null =
    layout === "nested"
      ? null
      : (opened ?? { customFields: lib.unknownFields });
  return async (type, within) => {
    const isGeneric = !typesWithSchema().includes(type);
    const needed = { schemas: set, shape, type: isGeneric ? null : type };
    const latest =
      app === null || opened === null
        ? null
        : await app.registry?.latest(
            lib.valueSubject(app.router.legalTopic(type)),
            within,
          );
    return neededSchema({ ...needed, columns }, latest ?? null);
  };
}

interface Chosen {
  readonly shape: ValueShape;
  readonly set: SchemaSet;
  readonly layout: LayoutName;
  readonly asJson: boolean;
}

/** A schema on lines for people; with `--json` as one line of JSON, a string for a schema that is no JSON. */
function shown({ kind, text }: Schema, asJson: boolean): string {
  if (kind === "PROTOBUF") return asJson ? `${JSON.stringify(text)}\n` : text;
  const schema = JSON.parse(text) as unknown;
  return `${JSON.stringify(schema, null, asJson ? 0 : 2)}\n`;
}

/** The schemas of the format that was asked for, or of the configuration's; Avro's when that has none. */
async function chosenSchemas(
  { envelope, value, layout, json }: SchemasFlags,
  config: Config | null,
): Promise<Chosen> {
  const { avroFormat, envelopes, registeredFormatNames, schemasOf } =
    await load();
  const { shape } = envelopes[envelope ?? config?.format.envelope ?? "change"];
  const own = layout ?? config?.format.layout ?? "nested";
  const set =
    value === undefined
      ? (schemasOf(config?.format.value) ?? avroFormat.schemas)
      : schemasOf(value);
  if (set === null)
    throw new UsageError(
      `values as ${value ?? ""} have no schemas; those as ${registeredFormatNames.join(", ")} have`,
    );
  return { shape, set, layout: own, asJson: json === true };
}

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../open-app.ts")),
  ...(await import("../../format/avro/avro-format.ts")),
  ...(await import("../../format/envelopes/envelopes.ts")),
  ...(await import("../../format/schema-files.ts")),
  ...(await import("../../domain/custom-fields.ts")),
  ...(await import("../../format/schema-registry/needed-schema.ts")),
  ...(await import("../../format/schema-registry/topic-schemas.ts")),
  ...(await import("../../observe/log/log-observer.ts")),
  ...(await import("../../format/value-formats.ts")),
});

async function registerAll(
  types: readonly string[],
  flags: SchemasFlags,
  context: ProcessContext,
): Promise<number> {
  const { openApp, typesWithSchema, valueSubject } = await load();
  const path = flags.config ?? "connector.config.json";
  await using app = await openApp({ config: path }, context, "quiet");
  const { config, registry, router } = app;
  if (registry === null)
    throw new UsageError(
      `${path} names no schemaRegistry to register schemas with; set schemaRegistry.url`,
    );
  const chosen = await chosenSchemas(flags, config);
  const schemaOf = await needing(app, chosen, context.stopping);
  const isPerType = router.hasTopicPerType;
  const wanted = isPerType
    ? types.length > 0
      ? types
      : typesWithSchema()
    : ["generic"];
  const registered: { subject: string; id: number }[] = [];
  for (const type of wanted) {
    const subject = valueSubject(router.legalTopic(type));
    const schema = await schemaOf(type, context.stopping);
    const id = await registry.register(subject, schema, context.stopping);
    registered.push({ subject, id });
    if (!flags.json)
      await print(context.stdout, `${subject} is schema ${id}\n`);
  }
  if (flags.json)
    await print(context.stdout, `${JSON.stringify(registered)}\n`);
  return 0;
}
