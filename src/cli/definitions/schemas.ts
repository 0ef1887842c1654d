import { Option } from "commander";
import { envelopeNames, valueFormatNames } from "../../format/names.ts";
import type { SchemasFlags } from "../commands/schemas.ts";
import type { Definition } from "./definition.ts";

export const defineSchemas: Definition = (program, context, carryOut) => {
  program
    .command("schemas")
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
    .option("--register", "register them with the configuration's registry")
    .option("--json", "print the result as JSON on standard output")
    .action((types: string[], flags: SchemasFlags) =>
      carryOut(async () =>
        (await import("../commands/schemas.ts")).schemas(types, flags, context),
      ),
    );
};
