/** The reason to end a wait that nobody needs any more: `abort()` without one makes an error with its stack. */
export const WAIT_OVER = new Error("the wait is over");

/** Settles as a promise does, or rejects with the signal's reason when that is aborted first. */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  // A promise that rejects after the signal must not be an unhandled rejection.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
