import type { Clock } from "../lib/clock.ts";
import type { Lease } from "./lease.ts";

export interface LeaseTiming {
  /** A lease ends so long after the sending of the last request by which the group confirmed this instance. */
  readonly leaseMs: number;
  /** Another instance may still hold a lease of a newly assigned connector for so long. */
  readonly settleMs: number;
}

/** One assignment of the group, as each of its members is told. */
export interface Generation {
  /** Counts the rebalances of the group. */
  readonly id: number;
  /** The connectors of this instance. */
  readonly own: ReadonlySet<number>;
  /** The connectors of all other instances. */
  readonly others: ReadonlySet<number>;
}

/** The lease of one connector, until `#untilMs` unless it is renewed before. All moments are of `uptimeMs`. */
class ConnectorLease implements Lease {
  /** The lease may not be used before this moment. */
  readonly startsAtMs: number;
  readonly #clock: Clock;
  readonly #expiry = new AbortController();
  #untilMs: number;

  constructor(startsAtMs: number, untilMs: number, clock: Clock) {
    this.startsAtMs = startsAtMs;
    this.#untilMs = untilMs;
    this.#clock = clock;
    void this.#watch();
  }

  get expired(): AbortSignal {
    return this.#expiry.signal;
  }

  readonly throwIfExpired = (): void => {
    if (this.#leftMs() <= 0) this.#end();
    this.expired.throwIfAborted();
  };

  get isExpired(): boolean {
    if (this.#leftMs() <= 0) this.#end();
    return this.expired.aborted;
  }

  /** Extends the lease, never to an earlier moment; an expired lease stays expired. */
  renew(untilMs: number): void {
    if (!this.isExpired) this.#untilMs = Math.max(this.#untilMs, untilMs);
  }

  #end(): void {
    this.#expiry.abort(
      new Error(
        "this instance may no longer run the connector: it was out of touch with its group, or another instance has it now",
      ),
    );
  }

  #leftMs(): number {
    return this.#untilMs - this.#clock.uptimeMs();
  }

  async #watch(): Promise<void> {
    while (!this.isExpired)
      await this.#clock
        .sleep(Math.max(1, this.#leftMs()), this.expired)
        .catch(() => undefined);
  }
}

/**
 * The leases of the connectors that are assigned to this instance. A lease is renewed only by what
 * the group answers to a member that still has the connector, and ends before another instance uses
 * a newer one. So no two instances ever hold usable leases of one connector, even when one stalls.
 */
export class ConnectorLeases {
  readonly #timing: LeaseTiming;
  readonly #clock: Clock;
  readonly #held = new Map<number, ConnectorLease>();
  /** Leases that may be used. */
  readonly #usable = new WeakSet<ConnectorLease>();
  readonly #others = new OthersTurns();
  #isJoining = false;

  constructor(timing: LeaseTiming, clock: Clock) {
    this.#timing = timing;
    this.#clock = clock;
  }

  /** The connectors of the last assignment whose leases have not expired. */
  get held(): number[] {
    return [...this.#held]
      .filter(([, lease]) => !lease.isExpired)
      .map(([connector]) => connector);
  }

  /** The lease of a connector, if it may be used now. */
  of(connector: number): Lease | null {
    const lease = this.#held.get(connector);
    if (lease === undefined || lease.isExpired) return null;
    return this.#usable.has(lease) ? lease : null;
  }

  /** Makes the leases usable whose time has come. Returns the milliseconds until the next one, or null. */
  makeUsable(): number | null {
    // While this instance joins, a connector whose lease is not usable yet may go to another.
    if (this.#isJoining) return null;
    const nowMs = this.#clock.uptimeMs();
    let nextMs: number | null = null;
    for (const lease of this.#held.values()) {
      if (this.#usable.has(lease)) continue;
      const waitMs = lease.startsAtMs - nowMs;
      if (waitMs <= 0) this.#usable.add(lease);
      else nextMs = Math.min(nextMs ?? Infinity, waitMs);
    }
    return nextMs;
  }

  /** This instance is about to join again: the group waits for it before it reassigns its connectors. */
  joining(): void {
    this.#isJoining = true;
  }

  /** The group removed this instance, or may have: its leases run out, and it starts anew. */
  left(): void {
    this.#isJoining = true;
    this.#held.clear();
    this.#others.forget();
  }

  /**
   * The group confirmed this instance and its connectors in answer to a request of `sentMs`. Returns
   * whether connectors got a new lease: theirs had expired, and no other instance had them meanwhile.
   */
  renewed(sentMs: number): boolean {
    this.#renew(sentMs);
    const nowMs = this.#clock.uptimeMs();
    const expired = [...this.#held].filter(([, lease]) => lease.isExpired);
    for (const [connector] of expired) this.#lease(connector, sentMs, nowMs);
    return expired.length > 0;
  }

  /** The group assigned these connectors in answer to a request of `sentMs`. All other leases are never renewed again. */
  assigned(generation: Generation, sentMs: number): void {
    this.#isJoining = false;
    const { own } = generation;
    const nowMs = this.#clock.uptimeMs();
    this.#others.note(generation, nowMs);
    for (const connector of this.#held.keys())
      if (!own.has(connector)) this.#held.delete(connector);
    for (const connector of own) {
      if (this.#held.get(connector)?.isExpired === false) continue;
      const endedMs = this.#others.endedMs(connector);
      const startsAtMs = Math.max(nowMs, endedMs + this.#timing.settleMs);
      this.#lease(connector, sentMs, startsAtMs);
    }
    this.#renew(sentMs);
  }

  #lease(connector: number, sentMs: number, startsAtMs: number): void {
    const untilMs = sentMs + this.#timing.leaseMs;
    const lease = new ConnectorLease(startsAtMs, untilMs, this.#clock);
    this.#held.set(connector, lease);
  }

  #renew(sentMs: number): void {
    const untilMs = sentMs + this.#timing.leaseMs;
    for (const lease of this.#held.values()) lease.renew(untilMs);
  }
}

/**
 * When other instances last had a connector, as far as an unbroken row of generations shows. One
 * that nobody has had since the row began needs to settle only from then on.
 */
class OthersTurns {
  #generation: number | null = null;
  #sinceMs = 0;
  #others: ReadonlySet<number> = new Set();
  readonly #endedMs = new Map<number, number>();

  note({ id, others }: Generation, nowMs: number): void {
    if (this.#generation === null || id !== this.#generation + 1) {
      this.#sinceMs = nowMs;
      this.#endedMs.clear();
    } else
      for (const connector of this.#others) this.#endedMs.set(connector, nowMs);
    this.#generation = id;
    this.#others = others;
  }

  /** No other instance was assigned the connector after this moment. */
  endedMs(connector: number): number {
    return this.#endedMs.get(connector) ?? this.#sinceMs;
  }

  forget(): void {
    this.#generation = null;
    this.#others = new Set();
  }
}
