// Whatever the coordinator of the group answers, or does not: leases end in time, and the instance joins again.
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import {
  connectorNumber,
  encodeShares,
  readClaim,
} from "../../src/cluster/claim.ts";
import { Membership } from "../../src/cluster/membership.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";
import {
  groupError,
  ScriptedCoordinator,
  silence,
} from "../support/cluster/scripted-coordinator.ts";
import type { LogLine } from "../support/observe/watched.ts";

function membershipOf(coordinator: ScriptedCoordinator) {
  // No wait between attempts is longer than half of its bound.
  const clock = new FakeClock();
  const logged: LogLine[] = [];
  const membership = new Membership({
    coordinator,
    group: "the-group",
    instance: "here",
    clock,
    logger: pino(
      { base: null },
      { write: (line) => logged.push(JSON.parse(line) as LogLine) },
    ),
    changed: () => undefined,
  });
  membership.start();
  return { clock, coordinator, membership, logged };
}

/** An instance alone in its group, which runs the connectors a and b. */
async function running() {
  const made = membershipOf(new ScriptedCoordinator());
  made.membership.sees(["a", "b"]);
  await made.clock.advance(10_500);
  const lease = made.membership.leaseOf("a");
  if (lease === null) throw new Error("it does not run");
  lease.throwIfExpired();
  made.coordinator.asked.length = 0;
  return { ...made, lease };
}

/** What another member's leader would tell: this instance has `own`, another one the rest. */
const sharesOf = (
  own: readonly string[],
  others: readonly string[],
  memberId = "m1",
) =>
  encodeShares([
    { memberId, instance: "here", connectors: own.map(connectorNumber) },
    {
      memberId: "other",
      instance: "there",
      connectors: others.map(connectorNumber),
    },
  ]);

const claimOf = ({ claims }: ScriptedCoordinator) => {
  const claim = readClaim(claims.at(-1) ?? Buffer.alloc(0));
  return claim && { ...claim, held: new Set(claim.held) };
};

const numbers = (...names: string[]) => new Set(names.map(connectorNumber));

describe("an instance of a group", () => {
  it("joins once it has looked at its folder, and claims what it saw", async () => {
    const { clock, coordinator, membership, logged } = membershipOf(
      new ScriptedCoordinator(),
    );
    await clock.advance(5_000);
    expect(coordinator.asked).toEqual([]);
    expect(membership.trouble()?.reason).toBe(
      "it is no member of the group the-group: the group has not been joined yet",
    );
    membership.sees(["a", "b"]);
    await clock.advance(0);
    expect(coordinator.asked).toEqual(["join", "sync 1"]);
    expect(claimOf(coordinator)).toEqual({
      instance: "here",
      connectors: numbers("a", "b"),
      held: new Set(),
    });
    expect(membership.trouble()).toBeNull();
    expect(membership.runsOn("a")).toBe("here");
    expect(membership.runsOn("c")).toBeNull();
    expect(membership.instances()).toEqual(["here"]);
    expect(logged).toMatchObject([
      { msg: "group joined", connectors: 2, of: 2, instances: 1 },
    ]);
    await clock.advance(6_999);
    expect(membership.leaseOf("a")).toBeNull();
    await clock.advance(1);
    expect(membership.leaseOf("a")).not.toBeNull();
    expect(membership.leaseOf("c")).toBeNull();
  });

  it("joins again without a pause when the group is divided anew", async () => {
    const { clock, coordinator, membership, lease } = await running();
    coordinator.refuse("heartbeat", "REBALANCE_IN_PROGRESS");
    // The group waits for another member.
    coordinator.next("join", async () => {
      await clock.sleep(4_000, new AbortController().signal);
      const members = new Map([["m1", coordinator.claims.at(-1)]]);
      return { generation: ++coordinator.generation, memberId: "m1", members };
    });
    coordinator.next("sync", () => Promise.resolve(sharesOf(["a"], ["b"])));
    await clock.advance(5_000);
    expect(coordinator.asked).toEqual(["heartbeat 1 m1", "join m1", "sync 2"]);
    expect(claimOf(coordinator)?.held).toEqual(numbers("a", "b"));
    expect(membership.leaseOf("a")).toBe(lease);
    lease.throwIfExpired();
    expect(membership.leaseOf("b")).toBeNull();
    expect(membership.runsOn("b")).toBe("there");
    expect(membership.instances()).toEqual(["here", "there"]);
  });

  it("joins once more when the group changes while it joins", async () => {
    const { clock, coordinator, membership, lease } = await running();
    coordinator.refuse("heartbeat", "REBALANCE_IN_PROGRESS");
    coordinator.refuse("sync", "REBALANCE_IN_PROGRESS");
    await clock.advance(1_000);
    expect(coordinator.asked).toEqual([
      "heartbeat 1 m1",
      "join m1",
      "sync 2",
      "join m1",
      "sync 3",
    ]);
    expect(membership.leaseOf("a")).toBe(lease);
  });

  it.each([
    ["UNKNOWN_MEMBER_ID", "join"],
    ["FENCED_INSTANCE_ID", "join"],
    ["ILLEGAL_GENERATION", "join m1"],
  ])("begins anew after %s", async (type, join) => {
    const { clock, coordinator, membership, lease } = await running();
    coordinator.refuse("heartbeat", type);
    await clock.advance(1_000);
    expect(coordinator.asked).toEqual(["heartbeat 1 m1", join, "sync 2"]);
    expect(claimOf(coordinator)?.held).toEqual(new Set());
    expect(membership.leaseOf("a")).toBeNull();
    // The connector may still write what it holds, until its lease ends.
    lease.throwIfExpired();
    await clock.advance(4_000);
    expect(() => {
      lease.throwIfExpired();
    }).toThrow("may no longer run");
    await clock.advance(3_500);
    expect(membership.leaseOf("a")).not.toBeNull();
  });

  it.each(["NOT_COORDINATOR_FOR_GROUP", "GROUP_LOAD_IN_PROGRESS"])(
    "stays a member while its coordinator moves (%s)",
    async (type) => {
      const { clock, coordinator, membership, lease } = await running();
      coordinator.refuse("heartbeat", type);
      coordinator.refuse("connect", "GROUP_COORDINATOR_NOT_AVAILABLE");
      await clock.advance(1_800);
      expect(coordinator.asked).toEqual([
        "heartbeat 1 m1",
        "reset",
        "reset",
        "heartbeat 1 m1",
      ]);
      expect([membership.leaseOf("a"), membership.trouble()]).toEqual([
        lease,
        null,
      ]);
    },
  );

  it("lets its leases end when the coordinator is silent, and takes them anew when it answers", async () => {
    const { clock, coordinator, membership, lease } = await running();
    // The last heartbeat was sent half a second ago.
    for (let times = 0; times < 3; times++)
      coordinator.next("heartbeat", silence);
    await clock.advance(4_499);
    lease.throwIfExpired();
    expect(membership.trouble()).toBeNull();
    await clock.advance(1);
    expect(lease.expired.aborted).toBe(true);
    expect(membership.leaseOf("a")).toBeNull();
    expect(membership.trouble()?.reason).toBe(
      "it is no member of the group the-group: the coordinator of the group did not answer (Heartbeat) within 3 s",
    );
    await clock.advance(7_000);
    expect(coordinator.asked.at(-1)).toBe("heartbeat 1 m1");
    expect(coordinator.asked).not.toContain("join m1");
    expect(membership.trouble()).toBeNull();
    expect(membership.leaseOf("a")).not.toBeNull();
  });

  it("counts a lease from the request, and nothing from an answer that comes too late", async () => {
    const { clock, coordinator, lease } = await running();
    const late = Promise.withResolvers<undefined>();
    coordinator.next("heartbeat", () => late.promise);
    coordinator.next("heartbeat", silence);
    await clock.advance(3_600);
    late.resolve(undefined);
    await clock.advance(899);
    lease.throwIfExpired();
    await clock.advance(1);
    expect(lease.expired.aborted).toBe(true);

    const other = await running();
    other.coordinator.next("heartbeat", () =>
      other.clock.sleep(2_500, new AbortController().signal),
    );
    for (let times = 0; times < 2; times++)
      other.coordinator.next("heartbeat", silence);
    // The heartbeat was sent after 500 ms, and answered after 3,000 ms.
    await other.clock.advance(5_499);
    other.lease.throwIfExpired();
    await other.clock.advance(1);
    expect(other.lease.expired.aborted).toBe(true);
  });

  it.each(["join", "sync"] as const)(
    "lets its leases end when no answer to a %s comes",
    async (api) => {
      const { clock, coordinator, membership, lease } = await running();
      coordinator.refuse("heartbeat", "REBALANCE_IN_PROGRESS");
      coordinator.next(api, silence);
      await clock.advance(5_499);
      lease.throwIfExpired();
      await clock.advance(1);
      expect(lease.expired.aborted).toBe(true);
      await clock.advance(2_500);
      expect(coordinator.asked).toContain("reset");
      expect(coordinator.asked.at(-1)).toMatch(/^(sync|heartbeat) [23]/);
      expect(membership.trouble()).toBeNull();
    },
  );

  it.each([
    ["is no JSON", Buffer.from("no JSON")],
    ["has nothing", Buffer.alloc(0)],
    ["has another shape", Buffer.from('{"shares":{"a":1}}')],
    ["gives a connector twice", sharesOf(["a"], ["a"])],
  ])("has nothing while the leader's assignment %s", async (_, assignment) => {
    const { clock, coordinator, membership, lease } = await running();
    coordinator.refuse("heartbeat", "REBALANCE_IN_PROGRESS");
    for (let times = 0; times < 9; times++)
      coordinator.next("sync", () => Promise.resolve(assignment));
    await clock.advance(5_500);
    expect(lease.expired.aborted).toBe(true);
    expect(membership.leaseOf("a")).toBeNull();
    expect(membership.trouble()?.reason).toMatch(/assignment that can't be/);
    await clock.advance(60_000);
    expect(membership.trouble()).toBeNull();
    expect(membership.leaseOf("a")).not.toBeNull();
  });

  it("has nothing when the leader gives it no share", async () => {
    const { clock, coordinator, membership } = await running();
    coordinator.refuse("heartbeat", "REBALANCE_IN_PROGRESS");
    coordinator.next("sync", () =>
      Promise.resolve(sharesOf(["a"], [], "somebody")),
    );
    await clock.advance(1_000);
    expect(membership.leaseOf("a")).toBeNull();
    expect(membership.trouble()).toBeNull();
  });

  it("says what is in its way, and joins once that has gone", async () => {
    const coordinator = new ScriptedCoordinator();
    for (let times = 0; times < 5; times++)
      coordinator.next("join", () =>
        Promise.reject(groupError("INCONSISTENT_GROUP_PROTOCOL")),
      );
    const { clock, membership, logged } = membershipOf(coordinator);
    membership.sees(["a"]);
    await clock.advance(1_500);
    expect(membership.trouble()?.reason).toMatch(
      /members of another kind, such as instances of an earlier version/,
    );
    expect(logged).toMatchObject([{ msg: "the group can't be joined" }]);
    await clock.advance(20_000);
    expect(membership.trouble()).toBeNull();
    expect(membership.leaseOf("a")).not.toBeNull();
  });

  it("takes up a new file at once when it is alone, and keeps the others running", async () => {
    const { clock, coordinator, membership, lease } = await running();
    membership.sees(["a", "b", "c"]);
    await clock.advance(1_000);
    expect(coordinator.asked).toEqual(["heartbeat 1 m1", "join m1", "sync 2"]);
    expect(membership.leaseOf("c")).not.toBeNull();
    expect(membership.leaseOf("a")).toBe(lease);
    membership.sees(["a", "b"]);
    await clock.advance(1_000);
    expect(claimOf(coordinator)?.connectors).toEqual(numbers("a", "b"));
    expect(membership.leaseOf("c")).toBeNull();
    expect(membership.leaseOf("a")).toBe(lease);
  });

  it("waits with other files until the other instances have looked, too", async () => {
    const { clock, coordinator, membership } = await running();
    coordinator.refuse("heartbeat", "REBALANCE_IN_PROGRESS");
    coordinator.next("sync", () => Promise.resolve(sharesOf(["a"], ["b"])));
    await clock.advance(1_000);
    membership.sees(["a", "b", "c"]);
    await clock.advance(1_000);
    membership.sees(["a", "b", "c", "d"]);
    await clock.advance(1_499);
    expect(coordinator.generation).toBe(2);
    await clock.advance(1_000);
    expect(coordinator.generation).toBe(3);
    expect(claimOf(coordinator)?.connectors).toEqual(
      numbers("a", "b", "c", "d"),
    );
    membership.sees(["a", "b"]);
    membership.sees(["a", "b", "c", "d"]);
    await clock.advance(5_000);
    expect(coordinator.generation).toBe(3);
  });

  it("leaves the group at its end", async () => {
    const { coordinator, membership, lease } = await running();
    await membership[Symbol.asyncDispose]();
    expect(coordinator.asked).toEqual(["leave m1", "reset"]);
    expect(membership.leaseOf("a")).toBeNull();
    expect(lease.expired.aborted).toBe(false);
    const unjoined = membershipOf(new ScriptedCoordinator());
    await unjoined.membership[Symbol.asyncDispose]();
    expect(unjoined.coordinator.asked).toEqual(["reset"]);
  });
});
