/** No candidate of a race succeeded. */
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
 * The first success of several attempts. The next one starts when one has failed, or has taken
 * `patienceMs`; the others are aborted once one succeeds, and what they still bring is discarded.
 * Rejects with AllFailed.
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
    const place = started++;
    const candidate = candidates[place];
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
        errors[place] = error;
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
