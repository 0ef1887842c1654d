import { Option } from "commander";
import { envelopeNames, valueFormatNames } from "../../format/names.ts";
import type { InitFlags } from "../commands/init.ts";
import type { Definition } from "./definition.ts";

export const defineInit: Definition = (program, context, carryOut) => {
  program
    .command("init")
    .description(
      "write a first configuration; on a terminal it asks for what no option names",
    )
    .option(
      "--config <file>",
      "the file to write; connector.config.json without it",
    )
    .option("--name <name>", "what the connector is called; sell without it")
    .option(
      "--brokers <list>",
      "Kafka's addresses, host:port, with commas between them; localhost:9092 without it",
    )
    .addOption(
      new Option(
        "--envelope <name>",
        "envelope of the events; change without it",
      ).choices(envelopeNames),
    )
    .addOption(
      new Option(
        "--value <format>",
        "format of the values; json without it",
      ).choices(valueFormatNames),
    )
    .option(
      "--registry <url>",
      "address of the schema registry, for a format that needs one",
    )
    .option(
      "--sell <url>",
      'another Sell, such as that of "sell-kafka simulate"',
    )
    .option("--force", "overwrite a file that is there")
    .action((flags: InitFlags) =>
      carryOut(async () =>
        (await import("../commands/init.ts")).init(flags, context),
      ),
    );
};
