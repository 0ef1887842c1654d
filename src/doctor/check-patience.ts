const PATIENCE_MS = 20_000;

/** How long one thing that is checked may take. */
export function within(stopping: AbortSignal): AbortSignal {
  return AbortSignal.any([stopping, AbortSignal.timeout(PATIENCE_MS)]);
}

/** Why a thing that was checked failed; `known` is what is known of it when it only took too long. */
export function reason(error: unknown, known = ""): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError"
    ? `no answer within ${PATIENCE_MS / 1_000} s${known}`
    : error.message;
}
