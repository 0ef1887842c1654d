import type { GroupOptions } from "../kafka/group/group-coordinator.ts";
import type { LeaseTiming } from "./connector-leases.ts";
import type { GroupTiming } from "./group-member.ts";

/**
 * A connector settles for longer than a lease lasts: before the group assigns it to another instance,
 * the former one has sent the last request that renews its lease. And `rebalanceMs` is less than
 * `leaseMs`, so that leases outlast a rebalance.
 */
export const TIMING = {
  sessionMs: 10_000,
  rebalanceMs: 4_000,
  heartbeatMs: 1_000,
  leaseMs: 5_000,
  settleMs: 7_000,
} satisfies GroupTiming & LeaseTiming & { sessionMs: number };

/** Members of another kind can't join, and neither can this one join them. */
export const GROUP_PROTOCOL: Omit<GroupOptions, "group"> = {
  protocolType: "sell-kafka",
  protocol: "connectors",
  sessionMs: TIMING.sessionMs,
  rebalanceMs: TIMING.rebalanceMs,
};
