import type { Acknowledger } from "./acknowledger.ts";
import type { Clock } from "../lib/clock.ts";
import type { Observer, SessionReport } from "../domain/observer.ts";
import { PageBuffer } from "./page-buffer.ts";
import type { Session, Sink } from "../domain/ports.ts";
import { Reader } from "./reader.ts";
import { DistinctReasons } from "../lib/distinct-reasons.ts";

export interface SessionDrainOptions {
  readonly session: Session;
  readonly sink: Sink;
  /** Null when nothing is ever acknowledged. */
  readonly acknowledger: Acknowledger | null;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly parallelFetches: number;
  readonly maxBufferedBytes: number;
  /** How long requests for pages that are under way may still take, once asked to stop. */
  readonly lastPagesWithinMs?: number;
}

export interface Signals {
  /** No new requests for pages; what is held, and comes soon, is still published and acknowledged. */
  readonly stopping: AbortSignal;
  /** No more waiting: what is not settled by now stays unacknowledged. */
  readonly givingUp: AbortSignal;
}

/**
 * Drains one session: readers fill the buffer, one publisher empties it, one acknowledger
 * follows. Ends when Sell said that the session is drained, everything fetched is settled,
 * and every released key is confirmed. Rejects with a DeniedFault or the reason of `givingUp`.
 */
export async function drainSession(
  options: SessionDrainOptions,
  signals: Signals,
): Promise<SessionReport> {
  const { session, sink, acknowledger, clock, observer } = options;
  const buffer = new PageBuffer(options.maxBufferedBytes, clock);
  let settledItems = 0;
  const deferredBecause = new DistinctReasons();
  const broken = new AbortController();
  const givingUp = AbortSignal.any([signals.givingUp, broken.signal]);
  const stopping = AbortSignal.any([signals.stopping, givingUp]);

  const publish = async () => {
    for await (const batch of buffer.batches(givingUp)) {
      observer.buffered(buffer.held);
      const startedMs = clock.monotonicMs();
      const settled = await sink.publish(batch, givingUp);
      acknowledger?.release(settled);
      for (const { fate } of settled.outcomes) {
        if (fate.kind === "deferred") deferredBecause.add(fate.reason);
        else settledItems++;
      }
      observer.settled(settled.outcomes, clock.monotonicMs() - startedMs);
    }
    observer.buffered(buffer.held);
    acknowledger?.end();
  };
  /** The first part that fails ends the others; all have ended when this function does. */
  const orBreak = async <T>(part: Promise<T>): Promise<T> => {
    try {
      return await part;
    } catch (error) {
      broken.abort(error);
      throw error;
    }
  };

  observer.sessionStarted(session);
  const reading = orBreak(
    new Reader({ ...options, buffer }).run(stopping, givingUp),
  );
  const publishing = orBreak(publish());
  const acknowledging = orBreak(
    acknowledger?.run(givingUp) ?? Promise.resolve(),
  );
  await Promise.allSettled([reading, publishing, acknowledging]);
  givingUp.throwIfAborted();

  const read = await reading;
  const report: SessionReport = {
    session: session.id,
    ...read,
    deferred: read.fetched - settledItems,
    deferredBecause: deferredBecause.list(),
  };
  observer.sessionEnded(report);
  return report;
}
