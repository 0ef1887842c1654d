// A lease ends before another instance can have it, whatever clocks, timers and groups do.
import { describe, expect, it } from "vitest";
import {
  ConnectorLeases,
  type Generation,
} from "../../src/cluster/connector-leases.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

const TIMING = { leaseMs: 5_000, settleMs: 7_000 };

const generation = (
  id: number,
  own: readonly number[],
  others: readonly number[] = [],
): Generation => ({ id, own: new Set(own), others: new Set(others) });

function leasesAt(clock = new FakeClock()) {
  const leases = new ConnectorLeases(TIMING, clock);
  const now = () => clock.uptimeMs();
  return { clock, leases, now };
}

/** An instance that has connector 1, and has had it for long. */
async function holding() {
  const made = leasesAt();
  const { clock, leases, now } = made;
  leases.assigned(generation(1, [1]), now());
  for (let second = 0; second < 8; second++) {
    await clock.advance(1_000);
    leases.renewed(now());
  }
  leases.makeUsable();
  return { ...made, lease: leases.of(1) };
}

describe("the leases of connectors", () => {
  it("begin once nobody else can have one any more", async () => {
    const { clock, leases, now } = leasesAt();
    leases.assigned(generation(1, [1, 2]), now());
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
    const leases = new ConnectorLeases(TIMING, stalling);
    leases.assigned(generation(1, [1]), clock.uptimeMs());
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

  it("last while the group is joined again, and go on if it confirms them", async () => {
    const { clock, leases, now, lease } = await holding();
    leases.renewed(now());
    leases.joining();
    await clock.advance(4_999);
    expect([lease?.expired.aborted, leases.of(1)]).toEqual([false, lease]);
    leases.assigned(generation(2, [1]), now());
    expect(leases.of(1)).toBe(lease);
    await clock.advance(4_999);
    expect(lease?.expired.aborted).toBe(false);
    await clock.advance(1);
    expect(lease?.expired.aborted).toBe(true);
  });

  it("are not extended by joining", async () => {
    const { clock, leases, lease } = await holding();
    await clock.advance(3_000);
    leases.joining();
    await clock.advance(2_000);
    expect(lease?.expired.aborted).toBe(true);
  });

  it("run out in an instance that was removed, which begins anew", async () => {
    const { clock, leases, now, lease } = await holding();
    await clock.advance(1_000);
    leases.left();
    expect([leases.held, leases.of(1)]).toEqual([[], null]);
    lease?.throwIfExpired();
    leases.assigned(generation(2, [1]), now());
    expect(leases.makeUsable()).toBe(7_000);
    await clock.advance(4_000);
    expect(lease?.expired.aborted).toBe(true);
  });

  it("of a connector that goes elsewhere run out", async () => {
    const { clock, leases, now, lease } = await holding();
    leases.assigned(generation(2, [2], [1]), now());
    expect(leases.of(1)).toBeNull();
    lease?.throwIfExpired();
    await clock.advance(4_000);
    leases.renewed(now());
    await clock.advance(1_000);
    expect(lease?.expired.aborted).toBe(true);
  });

  it("that ended are taken anew at once while the group gave them to nobody else", async () => {
    const { clock, leases, now } = await holding();
    await clock.advance(6_000);
    expect(leases.renewed(now())).toBe(true);
    expect(leases.makeUsable()).toBeNull();
    expect(leases.of(1)).not.toBeNull();
    await clock.advance(6_000);
    leases.assigned(generation(2, [1]), now());
    expect(leases.makeUsable()).toBeNull();
    expect(leases.of(1)).not.toBeNull();
  });

  it("of a connector that others had, or may have had, settle from when they lost it", async () => {
    const { clock, leases, now } = await holding();
    leases.assigned(generation(2, [1], [2, 3]), now());
    leases.assigned(generation(3, [1], [3]), now());
    await clock.advance(3_000);
    leases.assigned(generation(4, [1, 2], [3]), now());
    expect(leases.makeUsable()).toBe(4_000);
    leases.assigned(generation(5, [1, 2, 3]), now());
    await clock.advance(4_000);
    leases.renewed(now());
    expect(leases.makeUsable()).toBe(3_000);
    expect(leases.of(2)).not.toBeNull();
    expect(leases.of(3)).toBeNull();
    // It was told nothing of generation 6.
    leases.assigned(generation(7, [1, 2, 3, 4]), now());
    expect(leases.makeUsable()).toBe(3_000);
    await clock.advance(3_000);
    leases.renewed(now());
    expect(leases.makeUsable()).toBe(4_000);
    expect(leases.of(4)).toBeNull();
  });

  it("of a connector that nobody had since the group was settled begin at once", async () => {
    const { leases, now } = await holding();
    leases.assigned(generation(2, [1, 2], [3]), now());
    expect(leases.makeUsable()).toBeNull();
    expect(leases.of(2)).not.toBeNull();
  });

  it("do not begin while the group is joined", async () => {
    const { clock, leases, now } = leasesAt();
    leases.assigned(generation(1, [1]), now());
    await clock.advance(4_000);
    leases.renewed(now());
    leases.joining();
    await clock.advance(4_000);
    expect([leases.makeUsable(), leases.of(1)]).toEqual([null, null]);
    leases.assigned(generation(2, [1]), now());
    leases.makeUsable();
    expect(leases.of(1)).not.toBeNull();
  });
});
