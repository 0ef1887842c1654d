import { Option, type Command } from "@commander-js/extra-typings";
import { UsageError } from "../../app/usage-error.ts";
import type { Config } from "../../config/definition/config.ts";
import type { AvroShape } from "../../format/avro/schemas.ts";
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
      "list the Avro schemas, print those of some types, or register them",
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
      ).choices(["change", "flat", "cloudevents"] as const),
    )
    .option("--register", "register them with the configuration's registry")
    .option("--json", "print the result as JSON on standard output");

type SchemasFlags = FlagsOf<typeof withOptions>;

/** Lists the Avro schemas, prints those of some types, or registers them. */
async function schemas(
  types: readonly string[],
  flags: SchemasFlags,
  context: ProcessContext,
): Promise<number> {
  const { schemaText, typesWithSchema } =
    await import("../../format/avro/schemas.ts");
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
      : (await import("../open-app.ts")).readConfig(flags.config, context);
  const shape = toShape(flags, await config);
  if (types.length === 0) {
    const known = typesWithSchema();
    const list = flags.json ? JSON.stringify(known) : known.join("\n");
    await print(stdout, `${list}\n`);
    return 0;
  }
  for (const type of types) {
    const schema = JSON.parse(schemaText(type, shape)) as unknown;
    const text = JSON.stringify(schema, null, flags.json ? 0 : 2);
    await print(stdout, `${text}\n`);
  }
  return 0;
}

function toShape(flags: SchemasFlags, config: Config | null): AvroShape {
  const envelope = flags.envelope ?? config?.format.envelope ?? "change";
  return envelope === "change" ? "envelope" : "row";
}

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../open-app.ts")),
  ...(await import("../../format/avro/schemas.ts")),
});

async function registerAll(
  types: readonly string[],
  flags: SchemasFlags,
  context: ProcessContext,
): Promise<number> {
  const { openApp, schemaText, typesWithSchema } = await load();
  const path = flags.config ?? "connector.config.json";
  await using app = await openApp({ config: path }, context, "quiet");
  const { config, registry, router } = app;
  if (registry === null)
    throw new UsageError(
      `${path} names no schemaRegistry to register schemas with; set schemaRegistry.url`,
    );
  const shape = toShape(flags, config);
  const isPerType = config.topics.pattern.includes("{type}");
  const wanted = isPerType
    ? types.length > 0
      ? types
      : typesWithSchema()
    : ["generic"];
  const registered: { subject: string; id: number }[] = [];
  for (const type of wanted) {
    const subject = `${router.topic(type)}-value`;
    const text = schemaText(isPerType ? type : null, shape);
    const id = await registry.register(subject, text, context.stopping);
    registered.push({ subject, id });
    if (!flags.json)
      await print(context.stdout, `${subject} is schema ${id}\n`);
  }
  if (flags.json)
    await print(context.stdout, `${JSON.stringify(registered)}\n`);
  return 0;
}
