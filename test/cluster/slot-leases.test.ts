// A lease ends before another instance can have it, whatever clocks, timers and groups do.
import { describe, expect, it } from "vitest";
import { SlotLeases } from "../../src/cluster/slot-leases.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

const TIMING = { leaseMs: 5_000, settleMs: 7_000 };

function leasesAt(clock = new FakeClock()) {
  const leases = new SlotLeases(TIMING, clock);
  const now = () => clock.uptimeMs();
  return { clock, leases, now };
}

/** An instance that has slot 1, and has had it for long. */
async function holding() {
  const made = leasesAt();
  const { clock, leases, now } = made;
  leases.assigned([1], now());
  for (let second = 0; second < 8; second++) {
    await clock.advance(1_000);
    leases.renewed(now());
  }
  leases.makeUsable();
  return { ...made, lease: leases.of(1) };
}

describe("the leases of slots", () => {
  it("begin once nobody else can have one any more", async () => {
    const { clock, leases, now } = leasesAt();
    leases.assigned([1, 2], now());
    expect(leases.makeUsable()).toBe(7_000);
    await clock.advance(4_000);
    leases.renewed(now());
    await clock.advance(2_999);
    expect([leases.makeUsable(), leases.of(1)]).toEqual([1, null]);
    await clock.advance(1);
    expect(leases.makeUsable()).toBeNull();
    expect(leases.of(1)).not.toBeNull();
    expect(leases.of(3)).toBeNull();
  });

  it("end when the group does not answer any more", async () => {
    const { clock, leases, lease } = await holding();
    await clock.advance(4_999);
    lease?.throwIfExpired();
    await clock.advance(1);
    expect(lease?.expired.aborted).toBe(true);
    expect(() => lease?.throwIfExpired()).toThrow("may no longer run");
    expect(leases.of(1)).toBeNull();
  });

  it("end before any timer says so, when the process was stalled", async () => {
    const clock = new FakeClock();
    let stalledMs = 0;
    const stalling = {
      sleep: clock.sleep.bind(clock),
      random: () => 0,
      monotonicMs: () => clock.monotonicMs() + stalledMs,
      uptimeMs: () => clock.uptimeMs() + stalledMs,
      epochMs: () => clock.epochMs() + stalledMs,
    };
    const leases = new SlotLeases(TIMING, stalling);
    leases.assigned([1], clock.uptimeMs());
    for (let second = 1; second <= 8; second++) {
      await clock.advance(1_000);
      leases.renewed(clock.uptimeMs());
    }
    leases.makeUsable();
    const lease = leases.of(1);
    lease?.throwIfExpired();
    stalledMs = 15_000;
    expect(lease?.expired.aborted).toBe(false);
    expect(() => lease?.throwIfExpired()).toThrow("may no longer run");
    expect(lease?.expired.aborted).toBe(true);
  });

  it("count the time of a suspended machine, whose timers stand still", async () => {
    const { clock, lease } = await holding();
    clock.suspend(4_999);
    lease?.throwIfExpired();
    clock.suspend(1);
    expect(() => lease?.throwIfExpired()).toThrow("may no longer run");
  });

  it.each([86_400_000, -86_400_000])(
    "don't count what the wall clock leaps (%i ms)",
    async (leapMs) => {
      const { clock, leases, now, lease } = await holding();
      clock.leapWallClock(leapMs);
      lease?.throwIfExpired();
      leases.renewed(now());
      await clock.advance(4_999);
      lease?.throwIfExpired();
      await clock.advance(1);
      expect(() => lease?.throwIfExpired()).toThrow("may no longer run");
      // Set back meanwhile, it hides nothing of a machine's sleep.
      const other = await holding();
      other.clock.suspend(6_000);
      other.clock.leapWallClock(leapMs);
      expect(() => other.lease?.throwIfExpired()).toThrow("may no longer run");
    },
  );

  it("count from the moment at which the group was asked, not from its answer", async () => {
    const { clock, leases, now, lease } = await holding();
    const sentMs = now();
    await clock.advance(3_000);
    leases.renewed(sentMs);
    await clock.advance(2_000);
    expect(lease?.expired.aborted).toBe(true);
  });

  it("last while the group is joined again, but no longer than it waits", async () => {
    const { clock, leases, now, lease } = await holding();
    await clock.advance(3_000);
    leases.joining();
    await clock.advance(4_000);
    leases.joining();
    expect(lease?.expired.aborted).toBe(false);
    leases.assigned([1], now());
    expect(leases.of(1)).toBe(lease);
    await clock.advance(5_000);
    expect(lease?.expired.aborted).toBe(true);

    const other = await holding();
    other.leases.joining();
    await other.clock.advance(3_000);
    other.leases.joining();
    await other.clock.advance(2_000);
    expect(other.lease?.expired.aborted).toBe(true);
  });

  it("are not extended by an instance that has left", async () => {
    const { clock, leases, lease } = await holding();
    await clock.advance(1_000);
    leases.left();
    leases.joining();
    await clock.advance(4_000);
    expect(lease?.expired.aborted).toBe(true);
  });

  it("of a slot that goes elsewhere run out", async () => {
    const { clock, leases, now, lease } = await holding();
    leases.assigned([2], now());
    expect(leases.of(1)).toBeNull();
    lease?.throwIfExpired();
    await clock.advance(4_000);
    leases.renewed(now());
    await clock.advance(1_000);
    expect(lease?.expired.aborted).toBe(true);
  });

  it("of a slot that comes back settle anew; one that never went is used at once", async () => {
    const { clock, leases, now } = await holding();
    await clock.advance(6_000);
    expect(leases.renewed(now())).toBe(true);
    expect(leases.makeUsable()).toBeNull();
    expect(leases.of(1)).not.toBeNull();
    await clock.advance(6_000);
    leases.assigned([1], now());
    expect(leases.makeUsable()).toBe(7_000);
  });

  it("do not begin while the group is joined", async () => {
    const { clock, leases, now } = leasesAt();
    leases.assigned([1], now());
    await clock.advance(4_000);
    leases.joining();
    await clock.advance(4_000);
    expect([leases.makeUsable(), leases.of(1)]).toEqual([null, null]);
    leases.assigned([1], now());
    leases.makeUsable();
    expect(leases.of(1)).not.toBeNull();
  });
});
