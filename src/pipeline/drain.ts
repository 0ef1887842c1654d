import { Acknowledger, type AcknowledgerOptions } from "./acknowledger.ts";
import { Backoff } from "../lib/backoff.ts";
import { reasonOf } from "../lib/text/reason-of.ts";
import { DrainHistory, type DrainResult } from "./drain-history.ts";
import {
  drainSession,
  type SessionDrainOptions,
  type Signals,
} from "./drain-session.ts";
import { openSession } from "./open-session.ts";
import { DeniedFault, FencedFault } from "../domain/faults.ts";
import type { Source } from "../domain/ports.ts";

export type { DrainResult };

export interface DrainOptions
  extends
    Omit<SessionDrainOptions, "session" | "acknowledger">,
    AcknowledgerOptions {
  /** False for a sink whose writes prove nothing to Sell: its items are never acknowledged. */
  readonly acknowledges: boolean;
  readonly source: Source;
  /** The longest wait between two sessions of one drain. */
  readonly pollIntervalMs: number;
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
    const result = await drainSessions(options, signals).catch(
      (error: unknown): DrainResult => {
        if (!(error instanceof DrainStopped)) throw error;
        return { end: "stopped", problems: [] };
      },
    );
    observer.drainEnded(result.end, result.problems);
    return result;
  } catch (error) {
    const message = reasonOf(error);
    if (error instanceof DeniedFault)
      observer.drainEnded("denied", [
        { code: "denied", message, server: error.server },
      ]);
    else observer.drainEnded("failed", [{ code: "failed", message }]);
    throw error;
  }
}

async function drainSessions(
  options: DrainOptions,
  signals: Signals,
): Promise<DrainResult> {
  const { publisher, clock, observer, pollIntervalMs } = options;
  const acknowledger = options.acknowledges ? new Acknowledger(options) : null;
  const history = new DrainHistory(acknowledger);
  // Carried over the sessions of the drain: each that confirms nothing new makes the next pause longer.
  const pause = new Backoff(clock, { baseMs: 1_000, capMs: pollIntervalMs });
  const waiting = AbortSignal.any([signals.stopping, signals.givingUp]);
  const orStop = <T>(wait: Promise<T>) => unlessStopped(wait, signals);

  await orStop(acknowledgeRecovered(options.publisher, acknowledger, waiting));
  for (;;) {
    const session = await orStop(openSession(options, waiting));
    if (session === null) return history.nothingLeft();

    const confirmedBefore = acknowledger?.confirmed ?? 0;
    let report;
    try {
      await orStop(publisher.ready(waiting));
      report = await drainSession(
        { ...options, acknowledger, session },
        signals,
      );
    } catch (error) {
      if (!(error instanceof FencedFault)) throw error;
      acknowledger?.discard();
      observer.retrying("publish", error, 1, 0);
      continue;
    }
    if (report.end === "stopped") throw new DrainStopped();

    const newKeys = (acknowledger?.confirmed ?? 0) - confirmedBefore;
    const next = history.sessionEnded(report, newKeys);
    if (next.kind === "end") return next.result;
    if (newKeys > 0) pause.succeeded();
    if (next.needsPause) await orStop(pause.failed(waiting));
  }
}

/** Ends the loop of sessions when the drain was asked to stop; everything fetched is settled by then. */
class DrainStopped extends Error {
  override readonly name = "DrainStopped";
}

/** Settles as a wait does, but rejects with a DrainStopped, or the reason to give up, once asked to. */
async function unlessStopped<T>(
  wait: Promise<T>,
  { stopping, givingUp }: Signals,
): Promise<T> {
  try {
    return await wait;
  } catch (error) {
    givingUp.throwIfAborted();
    if (stopping.aborted) throw new DrainStopped();
    throw error;
  }
}

/** Acknowledges what earlier runs settled, so that the first session does not hand it out again. */
async function acknowledgeRecovered(
  publisher: DrainOptions["publisher"],
  acknowledger: Acknowledger | null,
  waiting: AbortSignal,
): Promise<void> {
  const recovered = await publisher.recover(waiting);
  if (recovered === null || acknowledger === null) return;
  acknowledger.release(recovered);
  const running = acknowledger.run(waiting);
  acknowledger.end();
  await running;
}
