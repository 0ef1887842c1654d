import type { Clock } from "../lib/clock.ts";
import type { Lease } from "./lease.ts";

export interface LeaseTiming {
  /** A lease ends so long after the request by which the group last confirmed this instance. */
  readonly leaseMs: number;
  /** Another instance may still hold a lease of a newly assigned slot for so long. */
  readonly settleMs: number;
}

/** The lease of one slot, until `#untilMs` unless it is renewed before. All moments are of `uptimeMs`. */
class SlotLease implements Lease {
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
 * The leases of the slots that are assigned to this instance. A lease ends before the group assigns
 * its slot to another instance and that one uses it, so no two instances ever hold leases of one
 * slot at the same time, even when one of them stalls.
 */
export class SlotLeases {
  readonly #timing: LeaseTiming;
  readonly #clock: Clock;
  readonly #held = new Map<number, SlotLease>();
  /** Leases that may be used. */
  readonly #usable = new WeakSet<SlotLease>();
  #isJoining = false;
  #mayExtend = false;

  constructor(timing: LeaseTiming, clock: Clock) {
    this.#timing = timing;
    this.#clock = clock;
  }

  /** The slots of the last assignment whose leases have not expired. */
  get slots(): number[] {
    return [...this.#held]
      .filter(([, lease]) => !lease.isExpired)
      .map(([slot]) => slot);
  }

  /** The lease of a slot, if it may be used now. */
  of(slot: number): Lease | null {
    const lease = this.#held.get(slot);
    if (lease === undefined || lease.isExpired) return null;
    return this.#usable.has(lease) ? lease : null;
  }

  /** Makes the leases usable whose time has come. Returns the milliseconds until the next one, or null. */
  makeUsable(): number | null {
    // While this instance joins, a slot whose lease is not usable yet may go to another.
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

  /** This instance is about to join: the group waits for it before it reassigns its slots. */
  joining(): void {
    this.#isJoining = true;
    if (this.#mayExtend) this.#renew(this.#clock.uptimeMs());
    this.#mayExtend = false;
  }

  /** This instance left the group, or may have: its slots may be reassigned. */
  left(): void {
    this.#isJoining = true;
    this.#mayExtend = false;
  }

  /**
   * The group confirmed this instance and its slots in answer to a request of `sentMs`. Returns
   * whether slots got a new lease: theirs had expired, and no other instance had them meanwhile.
   */
  renewed(sentMs: number): boolean {
    this.#mayExtend = true;
    this.#renew(sentMs);
    const nowMs = this.#clock.uptimeMs();
    const expired = [...this.#held].filter(([, lease]) => lease.isExpired);
    for (const [slot] of expired) this.#lease(slot, sentMs, nowMs);
    return expired.length > 0;
  }

  /** The group assigned these slots. The leases of all other slots are never renewed again. */
  assigned(slots: readonly number[], sentMs: number): void {
    this.#isJoining = false;
    this.#mayExtend = true;
    for (const slot of this.#held.keys())
      if (!slots.includes(slot)) this.#held.delete(slot);
    const startsAtMs = this.#clock.uptimeMs() + this.#timing.settleMs;
    // Another instance may have had a slot whose lease expired.
    for (const slot of slots)
      if (this.#held.get(slot)?.isExpired !== false)
        this.#lease(slot, sentMs, startsAtMs);
    this.#renew(sentMs);
  }

  #lease(slot: number, sentMs: number, startsAtMs: number): void {
    const untilMs = sentMs + this.#timing.leaseMs;
    this.#held.set(slot, new SlotLease(startsAtMs, untilMs, this.#clock));
  }

  #renew(sentMs: number): void {
    const untilMs = sentMs + this.#timing.leaseMs;
    for (const lease of this.#held.values()) lease.renew(untilMs);
  }
}
