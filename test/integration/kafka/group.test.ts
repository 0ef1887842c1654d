// The coordinator of a real Kafka knows this kind of group, and keeps others out of it.
import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { GROUP_PROTOCOL } from "../../../src/cluster/group-protocol.ts";
import { groupCoordinator } from "../../../src/kafka/group/group-coordinator.ts";
import { servers, testKafka } from "../../support/kafka/kafka.ts";

/** What a consumer of no topics tells its group: a version, an empty list, no data. */
const NO_TOPICS = Buffer.from("000000000000ffffffff", "hex");

/** What a full group takes: half of it for claims, half for shares. */
const HALF_BYTES = 450_000;

describe.skipIf(servers === null)("a group of instances", () => {
  it("divides what its members say, and lets in no members of another kind", async () => {
    const group = `group-${randomUUID()}`;
    const kafka = testKafka();
    const coordinator = groupCoordinator(kafka, { group, ...GROUP_PROTOCOL });
    const metadata = Buffer.alloc(HALF_BYTES, 1);
    const assignment = Buffer.alloc(HALF_BYTES, 2);

    const former = groupCoordinator(kafka, {
      ...GROUP_PROTOCOL,
      group,
      protocolType: "consumer",
      protocol: "sell-kafka-slots",
    });
    // A new cluster has no coordinator until it has created the topic of its groups.
    const consumer = await vi.waitFor(
      async () => {
        await former.connect();
        return former.join({ memberId: "", metadata: NO_TOPICS });
      },
      { timeout: 20_000, interval: 100 },
    );
    await coordinator.connect();
    await expect(coordinator.join({ memberId: "", metadata })).rejects.toThrow(
      /the group has members of another kind/,
    );
    await former.leave(consumer.memberId);
    former.reset();

    const first = await coordinator.join({ memberId: "", metadata });
    const { generation, memberId } = first;
    expect(first.members).toEqual(new Map([[memberId, metadata]]));
    const assignments = new Map([[memberId, assignment]]);
    const told = await coordinator.sync({ generation, memberId, assignments });
    expect(told.equals(assignment)).toBe(true);
    await coordinator.heartbeat(generation, memberId);
    const admin = kafka.admin();
    await admin.connect();
    expect(await admin.listGroups()).toMatchObject({
      groups: expect.arrayContaining([
        { groupId: group, protocolType: "sell-kafka" },
      ]) as object,
    });

    const again = await coordinator.join({ memberId, metadata });
    expect(again).toMatchObject({ memberId, generation: generation + 1 });
    await expect(coordinator.heartbeat(generation, memberId)).rejects.toThrow();
    await coordinator.leave(memberId);
    await expect(coordinator.heartbeat(generation, memberId)).rejects.toThrow(
      /not aware of this member/i,
    );
    coordinator.reset();
    await admin.disconnect();
  });
});
