import type { Clock } from "../lib/clock.ts";
import type { Lease } from "./lease.ts";

export interface LeaseTiming {
  /** A lease ends so long after the group was last known to know of this instance. */
  readonly leaseMs: number;
  /** A slot that is new here may still be leased elsewhere for so long. */
  readonly settleMs: number;
}

/** The lease of one slot: it ends at `#untilMs` unless it is renewed before. Moments are of `uptimeMs`. */
class SlotLease implements Lease {
  /** The holder waits for this moment before it uses the lease. */
  readonly startsAtMs: number;
  readonly #clock: Clock;
  readonly #lapse = new AbortController();
  #untilMs: number;

  constructor(startsAtMs: number, untilMs: number, clock: Clock) {
    this.startsAtMs = startsAtMs;
    this.#untilMs = untilMs;
    this.#clock = clock;
    void this.#watch();
  }

  get lapsed(): AbortSignal {
    return this.#lapse.signal;
  }

  readonly check = (): void => {
    if (this.#leftMs() <= 0) this.#end();
    this.lapsed.throwIfAborted();
  };

  get isLapsed(): boolean {
    if (this.#leftMs() <= 0) this.#end();
    return this.lapsed.aborted;
  }

  /** Never to an earlier moment; one that has lapsed stays so. */
  renew(untilMs: number): void {
    if (!this.isLapsed) this.#untilMs = Math.max(this.#untilMs, untilMs);
  }

  #end(): void {
    this.#lapse.abort(
      new Error(
        "this instance may no longer run the connector: it was out of touch with its group, or another instance has it now",
      ),
    );
  }

  #leftMs(): number {
    return this.#untilMs - this.#clock.uptimeMs();
  }

  async #watch(): Promise<void> {
    while (!this.isLapsed)
      await this.#clock
        .sleep(Math.max(1, this.#leftMs()), this.lapsed)
        .catch(() => undefined);
  }
}

/**
 * The slots that this instance has, each with its lease. A lease lasts less long than the group
 * waits before it gives the slot away and the next instance before it uses it, so no two
 * instances ever have one at the same time, whichever of them stalls.
 */
export class SlotLeases {
  readonly #timing: LeaseTiming;
  readonly #clock: Clock;
  readonly #held = new Map<number, SlotLease>();
  /** Those that may be used. */
  readonly #begun = new WeakSet<SlotLease>();
  #isJoining = false;
  #mayExtend = false;

  constructor(timing: LeaseTiming, clock: Clock) {
    this.#timing = timing;
    this.#clock = clock;
  }

  /** The slots of the last assignment, whose leases still hold. */
  get slots(): number[] {
    return [...this.#held]
      .filter(([, lease]) => !lease.isLapsed)
      .map(([slot]) => slot);
  }

  /** The lease of a slot that may be used now; null when there is none. */
  of(slot: number): Lease | null {
    const lease = this.#held.get(slot);
    if (lease === undefined || lease.isLapsed) return null;
    return this.#begun.has(lease) ? lease : null;
  }

  /** Has those slots used whose time has come; answers the milliseconds until the next, null without one. */
  begin(): number | null {
    // While it joins, what waits for its time may be given to another.
    if (this.#isJoining) return null;
    const nowMs = this.#clock.uptimeMs();
    let nextMs: number | null = null;
    for (const lease of this.#held.values()) {
      if (this.#begun.has(lease)) continue;
      const waitMs = lease.startsAtMs - nowMs;
      if (waitMs <= 0) this.#begun.add(lease);
      else nextMs = Math.min(nextMs ?? Infinity, waitMs);
    }
    return nextMs;
  }

  /** It is about to join: nobody gets what it has before the group has waited for it. */
  joining(): void {
    this.#isJoining = true;
    if (this.#mayExtend) this.#renew(this.#clock.uptimeMs());
    this.#mayExtend = false;
  }

  /** It has left, or may have: what it has may be given away by now. */
  left(): void {
    this.#isJoining = true;
    this.#mayExtend = false;
  }

  /**
   * The group knew of it and what it has at `sentMs`, by `uptimeMs`. True when slots
   * whose leases had lapsed, and that nobody else had meanwhile, may be used again.
   */
  renewed(sentMs: number): boolean {
    this.#mayExtend = true;
    this.#renew(sentMs);
    const nowMs = this.#clock.uptimeMs();
    const lapsed = [...this.#held].filter(([, lease]) => lease.isLapsed);
    for (const [slot] of lapsed) this.#lease(slot, sentMs, nowMs);
    return lapsed.length > 0;
  }

  /** It has these slots now. What it had and is not among them keeps its lease, but is never renewed again. */
  assigned(slots: readonly number[], sentMs: number): void {
    this.#isJoining = false;
    this.#mayExtend = true;
    for (const slot of this.#held.keys())
      if (!slots.includes(slot)) this.#held.delete(slot);
    const startsAtMs = this.#clock.uptimeMs() + this.#timing.settleMs;
    // One that had lapsed may have been another's meanwhile.
    for (const slot of slots)
      if (this.#held.get(slot)?.isLapsed !== false)
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
