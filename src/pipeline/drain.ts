import { reasonOf } from "../lib/reason-of.ts";
import type { Acknowledger } from "./acknowledger.ts";
import { Backoff } from "../lib/backoff.ts";
import {
  drainSession,
  type SessionDrainOptions,
  type Signals,
} from "./drain-session.ts";
import {
  DeniedFault,
  FencedFault,
  UnavailableFault,
} from "../domain/faults.ts";
import type { SessionReport } from "../domain/observer.ts";
import type { Session, Source } from "../domain/ports.ts";

const FRUITLESS_SESSIONS = 5;

export interface DrainOptions extends Omit<SessionDrainOptions, "session"> {
  readonly source: Source;
  /** The longest wait between two sessions of one drain. */
  readonly pollIntervalMs: number;
}

/** How a drain ended. */
export interface DrainResult {
  /** `complete`: Sell has nothing left, and everything it handed out is settled and confirmed. */
  readonly end: "complete" | "incomplete" | "stopped";
  /** What keeps it from being complete, in words for an operator. */
  readonly problems: readonly string[];
}

/**
 * Drains Sell completely: session after session while one was lost, a page was lost on the way,
 * objects failed or an acknowledgement was refused, until five sessions in a row confirm no new key.
 * Waits for Sell and Kafka as long as it takes. Rejects with a DeniedFault or the reason of `givingUp`.
 */
export async function drain(
  options: DrainOptions,
  signals: Signals,
): Promise<DrainResult> {
  const { observer } = options;
  observer.drainStarted();
  try {
    const result = await drainAll(options, signals);
    observer.drainEnded(result.end, result.problems);
    return result;
  } catch (error) {
    const reason = reasonOf(error);
    const end = error instanceof DeniedFault ? "denied" : "failed";
    observer.drainEnded(end, [reason]);
    throw error;
  }
}

async function drainAll(
  options: DrainOptions,
  signals: Signals,
): Promise<DrainResult> {
  const { acknowledger, clock, pollIntervalMs } = options;
  const waiting = AbortSignal.any([signals.stopping, signals.givingUp]);
  const earlier = await unlessStopped(signals, () =>
    acknowledgeEarlier(options, waiting),
  );
  if (earlier === "stopped") return { end: "stopped", problems: [] };
  const pause = new Backoff(clock, { baseMs: 1_000, capMs: pollIntervalMs });
  let withoutKey = 0;
  let fruitless = 0;
  let last: SessionReport | null = null;

  for (;;) {
    const session = await unlessStopped(signals, () => open(options, waiting));
    if (session === "stopped") return { end: "stopped", problems: [] };
    if (session === null) {
      last &&= nothingLeftAfter(last);
      break;
    }

    const confirmedBefore = acknowledger?.confirmed ?? 0;
    try {
      const report = await drainReady({ ...options, session }, signals);
      if (report === "stopped") return { end: "stopped", problems: [] };
      last = report;
    } catch (error) {
      if (!(error instanceof FencedFault)) throw error;
      acknowledger?.discard();
      options.observer.retrying("publish", error, 1);
      continue;
    }
    withoutKey += last.withoutKey;
    if (last.end === "stopped") return { end: "stopped", problems: [] };

    if (acknowledger === null || !needsAnother(last, acknowledger)) break;
    if (acknowledger.confirmed > confirmedBefore) {
      fruitless = 0;
      pause.succeeded();
    } else if (++fruitless === FRUITLESS_SESSIONS) {
      const problems = problemsOf(last, withoutKey, acknowledger);
      return {
        end: "incomplete",
        problems: [
          `${FRUITLESS_SESSIONS} sessions in a row settled nothing new`,
          ...problems,
        ],
      };
    }
    if (last.end === "lost" || last.failedObjects.length > 0 || fruitless > 0) {
      const waited = await unlessStopped(signals, () => pause.failed(waiting));
      if (waited === "stopped") return { end: "stopped", problems: [] };
    }
  }
  const problems = problemsOf(last, withoutKey, acknowledger);
  return { end: problems.length === 0 ? "complete" : "incomplete", problems };
}

async function unlessStopped<T>(
  signals: Signals,
  task: () => Promise<T>,
): Promise<T | "stopped"> {
  try {
    return await task();
  } catch (error) {
    signals.givingUp.throwIfAborted();
    if (signals.stopping.aborted) return "stopped";
    throw error;
  }
}

/** Before the first session: it then hands out less that is settled already. */
async function acknowledgeEarlier(
  { sink, acknowledger }: DrainOptions,
  waiting: AbortSignal,
): Promise<void> {
  const earlier = (await sink.recover?.(waiting)) ?? null;
  if (earlier === null || acknowledger === null) return;
  acknowledger.release(earlier);
  const running = acknowledger.run(waiting);
  acknowledger.end();
  await running;
}

/** Takes the first page only once the sink is ready for the session. */
async function drainReady(
  options: SessionDrainOptions,
  signals: Signals,
): Promise<SessionReport | "stopped"> {
  const waiting = AbortSignal.any([signals.stopping, signals.givingUp]);
  const ready = await unlessStopped(signals, async () =>
    options.sink.ready?.(waiting),
  );
  return ready === "stopped" ? ready : drainSession(options, signals);
}

async function open(
  { source, clock, observer }: DrainOptions,
  waiting: AbortSignal,
): Promise<Session | null> {
  const backoff = new Backoff(clock);
  for (;;) {
    try {
      return await source.open(waiting);
    } catch (error) {
      if (waiting.aborted || !(error instanceof UnavailableFault)) throw error;
      observer.retrying("start", error, backoff.failures + 1);
      await backoff.failed(waiting);
    }
  }
}

/** Sell has nothing more: what a lost page or a failed object held has come since. */
function nothingLeftAfter(report: SessionReport): SessionReport {
  const nothing = { lostPages: 0, lostBecause: [], failedObjects: [] };
  return { ...report, ...nothing, end: "drained" };
}

function needsAnother(
  report: SessionReport,
  acknowledger: Acknowledger,
): boolean {
  return (
    report.end === "lost" ||
    report.lostPages > 0 ||
    report.failedObjects.length > 0 ||
    acknowledger.refused > 0
  );
}

function problemsOf(
  last: SessionReport | null,
  withoutKey: number,
  acknowledger: Acknowledger | null,
): string[] {
  const problems: string[] = [];
  if (last?.end === "lost")
    problems.push("Sell no longer knew the session before it was drained");
  if (last !== null && last.lostPages > 0)
    problems.push(
      `${last.lostPages} answers of the last session were lost, and what they held was not seen: ${last.lostBecause.join("; ")}`,
    );
  if (last !== null && last.failedObjects.length > 0)
    problems.push(`Sell could not read ${last.failedObjects.length} objects`);
  if (last !== null && last.deferred > 0) {
    const because = last.deferredBecause.join("; ") || "their session was lost";
    problems.push(`${last.deferred} items are deferred: ${because}`);
  }
  if (withoutKey > 0)
    problems.push(
      `${withoutKey} items came without an acknowledgement key, so Sell will send them again each time`,
    );
  if (acknowledger !== null && acknowledger.refused > 0)
    problems.push(`Sell refused ${acknowledger.refused} acknowledgement keys`);
  return problems;
}
