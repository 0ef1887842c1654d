import type { Acknowledger } from "./acknowledger.ts";
import { Deferrals } from "../domain/deferrals.ts";
import type { SessionReport } from "../domain/observer.ts";
import type { Publisher } from "../domain/ports.ts";
import { Reader, type ReaderOptions } from "./reading/reader.ts";

export interface SessionDrainOptions extends ReaderOptions {
  readonly publisher: Publisher;
  /** Null when nothing is ever acknowledged. */
  readonly acknowledger: Acknowledger | null;
}

export interface Signals {
  /** No new requests for pages; what was fetched, or comes soon, is still published and acknowledged. */
  readonly stopping: AbortSignal;
  /** No more waiting: what is not settled by now stays unacknowledged. */
  readonly givingUp: AbortSignal;
}

/**
 * Drains one session: the reader fetches pages, their items are published in batches, and the keys
 * of settled items are acknowledged, all three side by side. Ends when the session has ended,
 * everything fetched is settled and every released key is confirmed. Rejects with a DeniedFault, a
 * FencedFault, a RivalFault or the reason of `givingUp`.
 */
export async function drainSession(
  options: SessionDrainOptions,
  signals: Signals,
): Promise<SessionReport> {
  const { session, publisher, acknowledger, clock, observer } = options;
  const reader = new Reader(options);
  let settledItems = 0;
  const deferrals = new Deferrals();
  const broken = new AbortController();
  const givingUp = AbortSignal.any([signals.givingUp, broken.signal]);
  const stopping = AbortSignal.any([signals.stopping, givingUp]);

  const publish = async () => {
    for await (const batch of reader.batches(givingUp)) {
      observer.buffered(reader.held);
      const startedMs = clock.monotonicMs();
      const settled = await publisher.publish(batch, givingUp);
      acknowledger?.release(settled);
      deferrals.settled(settled.outcomes);
      for (const { fate } of settled.outcomes)
        if (fate.kind !== "deferred") settledItems++;
      observer.settled(settled.outcomes, clock.monotonicMs() - startedMs);
    }
    observer.buffered(reader.held);
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
  const reading = orBreak(reader.run(stopping, givingUp));
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
    deferredBecause: deferrals.list(),
  };
  observer.sessionEnded(report);
  return report;
}
