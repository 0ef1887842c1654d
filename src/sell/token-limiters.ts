import type { Clock } from "../lib/clock.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** A connector's use of the limiter of its token; dispose of it when the connector ends. */
export interface TokenShare extends Disposable {
  readonly limiter: RateLimiter;
}

interface Shared {
  readonly limiter: RateLimiter;
  /** The rate that each user allows at most. */
  readonly ceilings: Map<TokenShare, number>;
}

/** One limiter for each token in this process, at the lowest rate that one of its users allows. */
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
