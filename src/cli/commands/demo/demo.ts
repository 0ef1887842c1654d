import type { Command } from "@commander-js/extra-typings";
import { examples } from "../../examples.ts";
import { withLogLevel, type FlagsOf } from "../../options.ts";
import { numberParser } from "../../parse-number.ts";
import type { ProcessContext } from "../../process-context.ts";
import { ToldFailure } from "../../print-failure.ts";
import type { Definition } from "../definition.ts";
import { parseKafka } from "./kafka-option.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("demo")).action((flags) =>
    execute(() => demo(flags, context)),
  );
};

const withOptions = (command: Command) =>
  withLogLevel(command)
    .description(
      "try it out: a simulated Sell, a real Kafka on this machine, and the connector between them",
    )
    .option(
      "--for <seconds>",
      "end after that many seconds; without it, with Ctrl-C",
      numberParser({ above: 0, most: 604_800 }),
    )
    .option(
      "--kafka <way>",
      "where its Kafka is: docker, java, HOST:PORT, or none to print the changes; without it, the first of these that works",
      parseKafka,
    )
    .option(
      "--records <n>",
      "records in the simulated account",
      numberParser({ least: 30, most: 1_000_000, whole: true }),
      1_000,
    )
    .option(
      "--changes-per-second <n>",
      "creations, updates and deletions while it runs",
      numberParser({ least: 0, most: 10_000 }),
      5,
    )
    .option(
      "--seed <n>",
      "the same seed makes the same account",
      numberParser({ least: 0, most: 9_999_999_999_999, whole: true }),
      1,
    )
    .option(
      "--json",
      "print the counts at its end as JSON, and not what the consumer reads",
    )
    .addHelpText(
      "after",
      examples(
        ["until Ctrl-C", "demo"],
        ["a larger account for a minute", "demo --records 20000 --for 60"],
      ),
    );

export type DemoFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../../observe/log/logger.ts")),
  ...(await import("../../../simulator/server.ts")),
  ...(await import("./demo-app.ts")),
  ...(await import("./find-kafka.ts")),
  ...(await import("./live.ts")),
  ...(await import("./show.ts")),
});

/** Runs everything on this machine: a simulated Sell that changes, a real Kafka, the connector, and a consumer that shows the records. */
async function demo(
  flags: DemoFlags,
  context: ProcessContext,
): Promise<number> {
  const { createLogger, findKafka, live, openDemoApp, Show, Simulator } =
    await load();
  await using show = new Show(context, flags.json !== true);
  const logger = createLogger(flags.logLevel ?? "warn", show.stderr);
  await using simulator = await Simulator.start(flags);
  show.say(
    `simulated Sell at ${simulator.url}: ${flags.records} records, ${flags.changesPerSecond} changes per second`,
  );
  try {
    const found = await findKafka(flags.kafka, context, show);
    if (found.kind === "failed") {
      show.say(found.problem);
      throw new ToldFailure(found.problem);
    }
    await using stack = found.stack;
    await using app = await openDemoApp(simulator, stack, logger);
    return await live(flags, context, { simulator, app, stack, show });
  } catch (error) {
    if (!context.stopping.aborted) throw error;
    show.say("stopped");
    return 0;
  }
}
