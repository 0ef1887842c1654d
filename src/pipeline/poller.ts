import { Backoff } from "../lib/backoff.ts";
import { drain, type DrainOptions, type DrainResult } from "./drain.ts";
import type { Signals } from "./drain-session.ts";
import { DeniedFault, RivalFault, UnexpectedFault } from "../domain/faults.ts";

export interface PollOptions extends DrainOptions {
  /** Told how each drain ended. */
  readonly drained: (result: PollResult) => void | Promise<void>;
}

/** How one of many drains ended: by itself, or by a fault after which the next may succeed. */
export type PollResult =
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
 * Drains Sell, waits `pollIntervalMs`, and drains again, until `stopping`. After an incomplete
 * drain or an unexpected error it waits less at first. Rejects only with the reason of `givingUp`,
 * or a RivalFault.
 */
export async function poll(
  options: PollOptions,
  signals: Signals,
): Promise<void> {
  const { clock, pollIntervalMs, drained } = options;
  const { stopping } = signals;
  // Two waits, each carried over the drains: the denied ones, and those that were not completed.
  const incomplete = new Backoff(clock, {
    baseMs: 1_000,
    capMs: pollIntervalMs,
  });
  const denied = new Backoff(clock, DENIED_WAIT);
  const wait = async (end: PollResult["end"]) => {
    if (end !== "denied") denied.succeeded();
    switch (end) {
      case "denied":
        return denied.failed(stopping);
      case "failed":
      case "incomplete":
        return incomplete.failed(stopping);
      case "complete":
      case "stopped":
        incomplete.succeeded();
        return clock.sleep(pollIntervalMs, stopping);
    }
  };
  while (!stopping.aborted) {
    const result = await drainOnce(options, signals);
    await drained(result);
    await wait(result.end).catch((error: unknown) => {
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
