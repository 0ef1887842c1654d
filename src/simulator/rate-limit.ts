interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Limits the requests of each access token by a bucket that holds one second's allowance. */
export class RateLimit {
  readonly #requestsPerSecond: number | null;
  readonly #buckets = new Map<string, Bucket>();

  /** Null allows any number of requests. */
  constructor(requestsPerSecond: number | null) {
    this.#requestsPerSecond = requestsPerSecond;
  }

  /** Returns whether the request is allowed, and counts it if it is. */
  take(accessToken: string): boolean {
    const perSecond = this.#requestsPerSecond;
    if (perSecond === null) return true;
    const nowMs = performance.now();
    const size = Math.max(1, perSecond);
    const before = this.#buckets.get(accessToken);
    const { tokens: left, atMs } = before ?? { tokens: size, atMs: nowMs };
    const refill = ((nowMs - atMs) / 1_000) * perSecond;
    const tokens = Math.min(size, left + refill);
    const isAllowed = tokens >= 1;
    this.#buckets.set(accessToken, {
      tokens: isAllowed ? tokens - 1 : tokens,
      atMs: nowMs,
    });
    return isAllowed;
  }
}
