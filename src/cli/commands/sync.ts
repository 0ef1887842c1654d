import type { Command } from "@commander-js/extra-typings";
import { examples } from "../examples.ts";
import { stdoutOption, withConfig, type FlagsOf } from "../options.ts";
import { print, type ProcessContext } from "../process-context.ts";
import type { Definition, Failed } from "./definition.ts";

export const define: Definition = (program, context, execute) => {
  withOptions(program.command("sync")).action((flags) =>
    execute(() => sync(flags, context)),
  );
};

const withOptions = (command: Command) =>
  withConfig(
    command
      .description("drain Sell once and completely, then print a summary")
      .addOption(stdoutOption),
  ).addHelpText(
    "after",
    examples(
      ["copy everything once; exit code 0 when all is in Kafka", "sync"],
      [
        "show the first records, and acknowledge none",
        "sync --stdout | head -3",
      ],
      ["for a program", "sync --json --config crm.json"],
    ),
  );

/** A drain that did not begin did nothing, and its counts are there all the same. */
export const failed: Failed = async (problems) => {
  const { summaryOf } = await import("../output/summary.ts");
  const { DrainTotals } = await import("../../pipeline/drain-totals.ts");
  return summaryOf(new DrainTotals(), { result: "incomplete", problems }, 0);
};

type SyncFlags = FlagsOf<typeof withOptions>;

/** Loads what the body needs, once it runs. */
const load = async () => ({
  ...(await import("../../lib/clock.ts")),
  ...(await import("../open-app.ts")),
  ...(await import("../../app/observability.ts")),
  ...(await import("../../app/sync-connector.ts")),
  ...(await import("../../domain/observer.ts")),
  ...(await import("../../observe/terminal/progress-bars.ts")),
  ...(await import("../output/summary.ts")),
  ...(await import("../output/next-steps.ts")),
});

/** Runs one complete drain, then prints a summary. Exit code 0 only when Sell said that there is no more and all of it is settled. */
async function sync(
  flags: SyncFlags,
  context: ProcessContext,
): Promise<number> {
  const {
    systemClock,
    openApp,
    startObservability,
    syncConnector,
    observers,
    DrainBar,
    summaryOf,
    summaryText,
    nextSteps,
  } = await load();
  const startedMs = systemClock.monotonicMs();
  const { stdout, stderr, env, stopping } = context;
  const showsBar = stderr.isTTY === true && flags.logLevel === undefined;
  const verbosity = showsBar ? "quiet" : "configured";
  await using app = await openApp(flags, context, verbosity);
  const toKafka = flags.stdout !== true;
  await using watching = await startObservability(
    app,
    { toKafka, isOneDrain: true, stopping },
    env,
  );
  using bar = showsBar ? new DrainBar(stderr) : null;
  const { totals, endedMs, ...end } = await syncConnector(
    app,
    {
      observer: observers(watching.observer, bar ?? {}),
      tracing: watching.tracing,
      isServed: watching.isServed,
      print: toKafka ? null : (text) => print(stdout, text),
    },
    stopping,
  );
  bar?.[Symbol.dispose]();
  const summary = summaryOf(totals, end, endedMs - startedMs);
  const output = toKafka ? stdout : stderr;
  const steps = toKafka
    ? nextSteps(summary, totals.unconfirmedKeys, flags.config)
    : [];
  const text = [summaryText(summary), ...steps.map((step) => `next: ${step}`)];
  await print(
    flags.json ? output : stderr,
    `${flags.json ? JSON.stringify(summary) : text.join("\n")}\n`,
  );
  return end.result === "complete" ? 0 : 1;
}
