import type { Clock } from "../lib/clock.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** A connector's part in the limiter of its token. */
export interface TokenShare extends Disposable {
  readonly limiter: RateLimiter;
}

interface Shared {
  readonly limiter: RateLimiter;
  /** The ceiling that each user asks for. */
  readonly ceilings: Map<TokenShare, number>;
}

/** One limiter for each token, whoever uses it in this process, at the lowest of their ceilings. */
export class TokenLimiters {
  readonly #clock: Clock;
  readonly #byToken = new Map<string, Shared>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  join(token: string, requestsPerSecond: number): TokenShare {
    const shared = this.#byToken.get(token) ?? {
      limiter: new RateLimiter(requestsPerSecond, this.#clock),
      ceilings: new Map<TokenShare, number>(),
    };
    this.#byToken.set(token, shared);
    const { limiter, ceilings } = shared;
    const share: TokenShare = {
      limiter,
      [Symbol.dispose]: () => {
        ceilings.delete(share);
        if (ceilings.size === 0) this.#byToken.delete(token);
        else limiter.ceiling = Math.min(...ceilings.values());
      },
    };
    ceilings.set(share, requestsPerSecond);
    limiter.ceiling = Math.min(...ceilings.values());
    return share;
  }
}
