/** Every candidate failed. */
export class AllFailed extends Error {
  override readonly name = "AllFailed";
  /** In the order of the candidates. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super("all attempts failed");
    this.errors = errors;
  }
}

/**
 * Returns the result of the first attempt that succeeds. The next attempt starts when the one before
 * it fails or has taken `patienceMs`. A success aborts the other attempts and discards their later
 * results. Rejects with AllFailed.
 */
export async function firstOf<Candidate, Result>(
  candidates: readonly Candidate[],
  patienceMs: number,
  attempt: (candidate: Candidate, signal: AbortSignal) => Promise<Result>,
  discard: (result: Result) => void = () => undefined,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const won = new AbortController();
  const errors: unknown[] = [];
  let started = 0;
  let failed = 0;
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    clearTimeout(timer);
    const index = started++;
    const candidate = candidates[index];
    if (candidate === undefined || won.signal.aborted) return;
    timer = setTimeout(start, patienceMs);
    attempt(candidate, won.signal).then(
      (result) => {
        if (won.signal.aborted) {
          discard(result);
          return;
        }
        clearTimeout(timer);
        resolve(result);
        won.abort(new Error("another one was first"));
      },
      (error: unknown) => {
        errors[index] = error;
        failed++;
        if (failed === candidates.length) {
          clearTimeout(timer);
          reject(new AllFailed(errors));
        } else start();
      },
    );
  };
  if (candidates.length === 0) reject(new AllFailed(errors));
  else start();
  return promise;
}
