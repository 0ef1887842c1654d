import { Backoff } from "../lib/backoff.ts";
import { drain, type DrainOptions, type DrainResult } from "./drain.ts";
import type { Signals } from "./drain-session.ts";
import { PollPace, type PollIntervals } from "./poll-pace.ts";
import { DeniedFault, RivalFault, UnexpectedFault } from "../domain/faults.ts";
import { observers } from "../domain/observer.ts";

export interface PollOptions extends DrainOptions, PollIntervals {
  /** Resolves once polling may take another request of the token's rate. */
  readonly pollTurn: (signal: AbortSignal) => Promise<void>;
  /** Told how each drain ended. */
  readonly drained: (result: PollResult) => void | Promise<void>;
}

/** How one of many drains ended: by itself, or by a fault after which the next may succeed. */
type PollResult =
  | DrainResult
  | { readonly end: "denied"; readonly fault: DeniedFault }
  | { readonly end: "failed"; readonly fault: UnexpectedFault };

/** The waits after access was refused, which is rarely granted again within seconds. */
export const DENIED_WAIT = {
  baseMs: 30_000,
  capMs: 300_000,
  atLeastMs: 5_000,
};

/**
 * Drains Sell, waits as `PollPace` says, and drains again, until `stopping`; refused access makes
 * it wait longer. Rejects only with the reason of `givingUp`, or a RivalFault.
 */
export async function poll(
  options: PollOptions,
  signals: Signals,
): Promise<void> {
  const { clock, drained, pollTurn } = options;
  const { stopping } = signals;
  const pace = new PollPace(options, clock);
  const watched = {
    ...options,
    source: pace.watch(options.source),
    observer: observers(options.observer, pace.observer),
  };
  // Carried over the drains: each denied one in a row makes the next wait longer.
  const denied = new Backoff(clock, DENIED_WAIT);
  const wait = async ({ end }: PollResult) => {
    if (end !== "denied") denied.succeeded();
    const waitMs = end === "denied" ? denied.nextWaitMs() : pace.nextWaitMs();
    options.observer.resting(waitMs);
    await clock.sleep(waitMs, stopping);
    if (end !== "denied") await pollTurn(stopping);
  };
  while (!stopping.aborted) {
    const result = await drainOnce(watched, signals);
    await drained(result);
    await wait(result).catch((error: unknown) => {
      if (!stopping.aborted) throw error;
    });
  }
}

async function drainOnce(
  options: DrainOptions,
  signals: Signals,
): Promise<PollResult> {
  try {
    return await drain(options, signals);
  } catch (error) {
    if (error instanceof DeniedFault) return { end: "denied", fault: error };
    signals.givingUp.throwIfAborted();
    if (error instanceof RivalFault) throw error;
    return { end: "failed", fault: new UnexpectedFault(error) };
  }
}
