import type { AppContext } from "../../../app/context/app-context.ts";
import { Connector } from "../../../app/connector.ts";
import { startObservability } from "../../../app/observability.ts";
import { observers } from "../../../domain/observer.ts";
import { reasonOf } from "../../../lib/text/reason-of.ts";
import type { LocalStack } from "../../../local/way.ts";
import type { Simulator } from "../../../simulator/server.ts";
import { ToldFailure } from "../../print-failure.ts";
import { print, type ProcessContext } from "../../process-context.ts";
import { countsText, type Target } from "./counts.ts";
import { DemoReader, type DemoReaderOptions } from "./demo-reader.ts";
import type { DemoFlags } from "./demo.ts";
import { FirstDrain } from "./first-drain.ts";
import { KAFKA_AWAY, KafkaWatch } from "./kafka-watch.ts";
import { lastCounts } from "./last-counts.ts";
import { Polling } from "./polling.ts";
import type { Show } from "./show.ts";
import { shownSink } from "./shown-sink.ts";
import { Tally, type ReadRecord } from "./tally.ts";

const TELL_EVERY_MS = 1_000;

/** The demo sends no traces, whatever the environment says. */
const noTraces = {};

export interface Demo {
  readonly simulator: Simulator;
  readonly app: AppContext;
  /** Null when the changes are only printed. */
  readonly stack: LocalStack | null;
  readonly show: Show;
}

/** Copies the simulated Sell, and shows what comes until the demo ends; then compares. Resolves to the exit code. */
export async function live(
  flags: DemoFlags,
  { stdout, stopping: asked }: ProcessContext,
  demo: Demo,
): Promise<number> {
  const { simulator, app, stack, show } = demo;
  const { config, clock } = app;
  const target: Target = stack === null ? "printed" : "Kafka";
  const tally = new Tally();
  const first = new FirstDrain(show, clock, target);
  const take = (record: ReadRecord, isBacklog: boolean) => {
    tally.add(record);
    if (!show.firstRecord(record) && !isBacklog) show.change(record);
  };

  const kafka = new KafkaWatch();
  await using watching = await startObservability(
    app,
    { toKafka: stack !== null, isOneDrain: false, stopping: asked },
    noTraces,
  );
  show.servedAt(watching.url ?? "");
  await using connector = await Connector.connect(
    app,
    {
      observer: observers(watching.observer, first.observer, kafka.observer),
      tracing: null,
      isServed: watching.isServed,
      print: null,
      ...(stack === null && {
        sink: shownSink(config.delivery.deadLetterTopic, (record) => {
          take(record, !first.hasEnded);
        }),
      }),
    },
    asked,
  );
  show.say(`connected as device ${connector.device}; draining Sell`);
  await using polling = new Polling(connector);
  await Promise.race([first.ended, polling.ended, aborted(asked)]);
  if (!first.hasEnded) {
    show.say("stopped before the first drain was complete");
    return 0;
  }

  await using reader =
    stack === null ? null : await startReader(demo, kafka, take, asked);
  await untilEnd(flags, demo, tally, asked);
  simulator.stopChanges();
  show.say(`no more changes; waiting until everything is ${placeOf(target)}`);
  const { device } = connector;
  const end = { simulator, device, clock, show, polling, tally, kafka };
  const counts = await lastCounts(end, asked);
  await reader?.[Symbol.asyncDispose]();
  if (kafka.isAway)
    show.say(
      `${KAFKA_AWAY}, so the last changes are not in it; a connector goes on once Kafka is back`,
    );
  await show[Symbol.asyncDispose]();
  await print(
    stdout,
    flags.json ? `${JSON.stringify(counts)}\n` : countsText(counts, target),
  );
  return counts.agrees ? 0 : 1;
}

/** Starts a consumer of all topics. Rejects with a ToldFailure, or the reason of `asked`. */
async function startReader(
  { app, show }: Demo,
  kafka: KafkaWatch,
  take: DemoReaderOptions["take"],
  asked: AbortSignal,
): Promise<DemoReader> {
  const { config, clock } = app;
  const waiting = {
    what: "starting a consumer",
    clock,
    signal: asked,
    why: () => kafka.why("Ctrl-C"),
  };
  try {
    return await show.during(waiting, () =>
      DemoReader.start({
        kafka: app.kafka,
        topics: config.topics.pattern.replaceAll("{name}", config.name),
        take,
      }),
    );
  } catch (error) {
    asked.throwIfAborted();
    const problem = `a consumer can't start: ${reasonOf(error)}`;
    show.say(problem);
    throw new ToldFailure(problem);
  }
}

/** Waits until the time is up or the user ends the demo, and tells how much was read. */
async function untilEnd(
  flags: DemoFlags,
  { app, stack, show }: Demo,
  tally: Tally,
  asked: AbortSignal,
): Promise<void> {
  const what = stack === null ? "each change" : "what a consumer reads";
  const end =
    flags.for === undefined
      ? "; end with Ctrl-C"
      : `, for ${flags.for} seconds`;
  show.say(`${what} follows${end}`);
  const { clock } = app;
  const endMs = clock.monotonicMs() + (flags.for ?? Infinity) * 1_000;
  for (;;) {
    const leftMs = endMs - clock.monotonicMs();
    if (leftMs <= 0 || asked.aborted) return;
    const seconds = Math.ceil(leftMs / 1_000);
    const ends = flags.for === undefined ? "Ctrl-C ends" : `${seconds} s left`;
    show.now(`${tally.changes} changes | ${ends}`, null);
    await clock
      .sleep(Math.min(leftMs, TELL_EVERY_MS), asked)
      .catch(() => undefined);
  }
}

function placeOf(target: Target): string {
  return target === "Kafka" ? "in Kafka" : "printed";
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
}
