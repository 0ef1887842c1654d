import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../../app/usage-error.ts";
import { examples } from "../../examples.ts";
import type { FlagsOf } from "../../options.ts";
import { printFailure } from "../../print-failure.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import type { Definition } from "../definition.ts";

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
    .addHelpText(
      "after",
      examples(
        ["the process that connector.config.json configures", "status"],
        ["the status page at an address", "status localhost:9464"],
        [
          "one connector of a folder, for a script",
          "status --json http://localhost:9464/connectors/crm/ | jq .troubles",
        ],
      ),
    );

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
    await printFailure(error, { failed: null, flags }, context);
    return 1;
  }
}
