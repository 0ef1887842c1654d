const LIMIT_MS = 20_000;
/** For checks that read topics: another client's open transaction may hide their end for long. */
const READING_LIMIT_MS = 10_000;

/** Aborted when the command is to stop, or when a check takes too long. */
export function withinLimit(stopping: AbortSignal): AbortSignal {
  return AbortSignal.any([stopping, AbortSignal.timeout(LIMIT_MS)]);
}

export function withinReadingLimit(stopping: AbortSignal): AbortSignal {
  return AbortSignal.any([stopping, AbortSignal.timeout(READING_LIMIT_MS)]);
}

/** Why a check failed. After a time-out, `lastError` says what was seen of the server until then. */
export function failureReason(error: unknown, lastError = ""): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError"
    ? `no answer within ${LIMIT_MS / 1_000} s${lastError}`
    : error.message;
}
