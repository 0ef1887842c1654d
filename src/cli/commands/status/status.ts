import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../../app/usage-error.ts";
import type { FlagsOf } from "../../options.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";

const EXAMPLES = `
Examples:
  sell-kafka status                               of the server in connector.config.json
  sell-kafka status localhost:9464
  sell-kafka status --json http://host:9464/connectors/crm/ | jq .troubles
`;

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("status")).action((url, flags, command) => {
    const isConfigNamed = command.getOptionValueSource("config") === "cli";
    return execute(() => status(url, { ...flags, isConfigNamed }, context));
  });
};

const withOptions = (command: Command) =>
  command
    .description(
      "tell what a running connector, or a folder of them, is doing: its status page in words; ends with 0 when it is ready, else with 1",
    )
    .argument(
      "[url]",
      "address of the status page; without it, the server setting of --config",
    )
    .option(
      "--config <file>",
      "configuration file or folder of what runs",
      "connector.config.json",
    )
    .option("--json", "print /status as it is, JSON on standard output")
    .addHelpText("after", EXAMPLES);

type StatusFlags = FlagsOf<typeof withOptions> & {
  readonly isConfigNamed: boolean;
};

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("./read-status.ts")),
  ...(await import("./server-address.ts")),
  ...(await import("./status-words.ts")),
});

/** Prints what a running process says of itself. Exit code 0 when that is ready. */
async function status(
  url: string | undefined,
  flags: StatusFlags,
  context: ProcessContext,
): Promise<number> {
  const { readStatus, toStatusUrl, serverAddress, statusWords, NoStatus } =
    await load();
  if (url !== undefined && flags.isConfigNamed)
    throw new UsageError("give the URL or --config, not both");
  const address = toStatusUrl(url ?? (await serverAddress(flags, context)));
  try {
    const { text, shown } = await readStatus(address, context.stopping);
    await print(
      context.stdout,
      flags.json ? `${text}\n` : `${statusWords(shown).join("\n")}\n`,
    );
    return shown.ready ? 0 : 1;
  } catch (error) {
    if (!(error instanceof NoStatus)) throw error;
    await print(context.stderr, `sell-kafka: ${error.message}\n`);
    return 1;
  }
}
