import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { drain, type DrainOptions, type DrainResult } from "./drain.ts";
import type { Signals } from "./drain-session.ts";
import { DeniedFault, RivalFault, UnexpectedFault } from "../domain/faults.ts";

export interface PollOptions {
  /** Made anew for each drain, so that what one remembers ends with it. */
  readonly drainOptions: () => DrainOptions;
  readonly clock: Clock;
  readonly pollIntervalMs: number;
  /** Told how each drain ended. */
  readonly drained: (result: PollResult) => void | Promise<void>;
}

/** How one of many drains ended: by itself, or by a fault that need not last. */
export type PollResult = DrainResult | DeniedFault | UnexpectedFault;

/** Access that was refused is rarely back within seconds: the waits, and the shortest of them. */
export const DENIED_WAIT = { baseMs: 30_000, capMs: 300_000 };
export const SHORTEST_DENIED_WAIT_MS = 5_000;

/**
 * Drains Sell, waits `pollIntervalMs`, and drains again, until `stopping`. After an incomplete
 * drain it waits less at first, and after an unexpected error as well. Rejects only with the
 * reason of `givingUp`, or a RivalFault.
 */
export async function poll(
  { drainOptions, clock, pollIntervalMs, drained }: PollOptions,
  signals: Signals,
): Promise<void> {
  const soon = new Backoff(clock, { baseMs: 1_000, capMs: pollIntervalMs });
  const denied = new Backoff(clock, DENIED_WAIT);
  while (!signals.stopping.aborted) {
    const result = await drainOnce(drainOptions(), signals);
    await drained(result);
    if (!(result instanceof DeniedFault)) denied.succeeded();
    await untilStopped(signals.stopping, async () => {
      if (result instanceof DeniedFault)
        await denied.failed(signals.stopping, SHORTEST_DENIED_WAIT_MS);
      else if (result instanceof UnexpectedFault || result.end === "incomplete")
        await soon.failed(signals.stopping);
      else {
        soon.succeeded();
        await clock.sleep(pollIntervalMs, signals.stopping);
      }
    });
  }
}

async function untilStopped(
  stopping: AbortSignal,
  wait: () => Promise<void>,
): Promise<void> {
  try {
    await wait();
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
}

async function drainOnce(
  options: DrainOptions,
  signals: Signals,
): Promise<PollResult> {
  try {
    return await drain(options, signals);
  } catch (error) {
    if (error instanceof DeniedFault) return error;
    signals.givingUp.throwIfAborted();
    if (error instanceof RivalFault) throw error;
    return new UnexpectedFault(error);
  }
}
