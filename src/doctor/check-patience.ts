const PATIENCE_MS = 20_000;

/** How long one thing that is checked may take. */
export function within(stopping: AbortSignal): AbortSignal {
  return AbortSignal.any([stopping, AbortSignal.timeout(PATIENCE_MS)]);
}

/** Why a thing that was checked failed. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError"
    ? `no answer within ${PATIENCE_MS / 1_000} s`
    : error.message;
}
