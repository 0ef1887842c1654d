// The coordinator of a real Kafka knows this kind of group, and keeps others out of it.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { GROUP_PROTOCOL } from "../../../src/cluster/group-protocol.ts";
import { groupCoordinator } from "../../../src/kafka/group/group-coordinator.ts";
import { servers, testKafka } from "../../support/kafka/kafka.ts";

/** What a full group takes: half of it for claims, half for shares. */
const HALF_BYTES = 450_000;

describe.skipIf(servers === null)("a group of instances", () => {
  it("divides what its members say, and lets in no members of another kind", async () => {
    const group = `group-${randomUUID()}`;
    const kafka = testKafka();
    const coordinator = groupCoordinator(kafka, { group, ...GROUP_PROTOCOL });
    const metadata = Buffer.alloc(HALF_BYTES, 1);
    const assignment = Buffer.alloc(HALF_BYTES, 2);
    await coordinator.connect();

    // As an instance of an earlier version.
    const consumer = kafka.consumer({ groupId: group });
    const topic = `topic-${randomUUID()}`;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
    await consumer.connect();
    await consumer.subscribe({ topic });
    const joined = new Promise((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, resolve);
    });
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await joined;
    await expect(coordinator.join({ memberId: "", metadata })).rejects.toThrow(
      /the group has members of another kind/,
    );
    await consumer.disconnect();

    const first = await coordinator.join({ memberId: "", metadata });
    const { generation, memberId } = first;
    expect(first.members).toEqual(new Map([[memberId, metadata]]));
    const assignments = new Map([[memberId, assignment]]);
    const told = await coordinator.sync({ generation, memberId, assignments });
    expect(told.equals(assignment)).toBe(true);
    await coordinator.heartbeat(generation, memberId);
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
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
});
