import type { Command } from "@commander-js/extra-typings";
import { examples } from "../examples.ts";
import {
  folderWords,
  stdoutOption,
  withConfig,
  type FlagsOf,
} from "../options.ts";
import { print, type ProcessContext } from "../process-context.ts";
import type { Definition } from "./definition.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("run")).action((flags) =>
    execute(() => run(flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    command
      .description(
        "drain Sell again and again: every second while changes come, otherwise every sell.pollIntervalMs",
      )
      .addOption(stdoutOption),
    {
      ...folderWords,
      json: "run prints no result; an error that ends it is printed as JSON too",
    },
  ).addHelpText(
    "after",
    examples(
      ["copy changes until Ctrl-C", "run"],
      ["a connector for each file of a folder", "run --config connectors/"],
      ["show the changes, and acknowledge none", "run --stdout"],
    ),
  );

type RunFlags = FlagsOf<typeof withOptions>;

/** Drains Sell again and again until the first signal. Being stopped is a success. */
async function run(flags: RunFlags, context: ProcessContext): Promise<number> {
  const { isFolder } = await import("../../config/folder/config-folder.ts");
  if (await isFolder(flags.config)) await runFolder(flags, context);
  else await runFile(flags, context);
  return 0;
}

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../open-app.ts")),
  ...(await import("../../app/observability.ts")),
  ...(await import("../../app/run-connector.ts")),
  ...(await import("../../app/shutdown.ts")),
});

async function runFile(
  flags: RunFlags,
  context: ProcessContext,
): Promise<void> {
  const { openApp, startObservability, runConnector, shutdownSignals } =
    await load();
  const { env, stopping } = context;
  const printer = printerOf(flags, context);
  await using app = await openApp(flags, context, "configured");
  await using watching = await startObservability(
    app,
    { toKafka: printer === null, isOneDrain: false, stopping },
    env,
  );
  const { observer, tracing, isServed } = watching;
  const signals = shutdownSignals(app, stopping);
  const options = { observer, tracing, isServed, print: printer };
  await runConnector(app, options, signals);
}

async function runFolder(
  flags: RunFlags,
  context: ProcessContext,
): Promise<void> {
  const { createAppLogger } = await import("../open-app.ts");
  const { runFolder: runConnectors } = await import("../../app/run-folder.ts");
  const { createLogger } = await import("../../observe/log/logger.ts");
  const logger = createLogger(flags.logLevel ?? "info", context.stderr);
  // An error that nobody catches comes from one connector's socket or library, and must not end the
  // others. Each request has a time limit of its own, after which that connector goes on as well.
  context.outliveErrors?.((error) => {
    logger.error({ err: error }, "an error was caught by nobody");
  });
  await runConnectors(
    {
      path: flags.config,
      env: context.env,
      logger,
      createLogger: (config) =>
        createAppLogger(flags, config, context, "configured"),
      print: printerOf(flags, context),
    },
    context.stopping,
  );
}

/** Null when events go to Kafka. */
function printerOf(flags: RunFlags, { stdout }: ProcessContext) {
  return flags.stdout === true ? (text: string) => print(stdout, text) : null;
}
