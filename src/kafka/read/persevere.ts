import { Backoff } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import { UnavailableFault } from "../../domain/faults.ts";

/** A minute or so, with the waits in between: a broker is restarted in less. */
const FRUITLESS_ATTEMPTS = 12;

/**
 * Repeats a task while it rejects with UnavailableFaults; the last one stands once many attempts
 * in a row failed without having told `progressed`.
 */
export async function persevere<T>(
  clock: Clock,
  task: (progressed: () => void) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const backoff = new Backoff(clock);
  for (;;) {
    try {
      return await task(() => {
        backoff.succeeded();
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UnavailableFault)) throw error;
      if (backoff.failures + 1 >= FRUITLESS_ATTEMPTS) throw error;
      await backoff.failed(signal);
    }
  }
}
