// The answers of a group's coordinator are shaped before they are used, and its refusals say what to do.
import { describe, expect, it } from "vitest";
import { DeniedFault, UnavailableFault } from "../../../src/domain/faults.ts";
import type { Kafka } from "../../../src/kafka/client/kafkajs.ts";
import { groupCoordinator } from "../../../src/kafka/group/group-coordinator.ts";
import { groupError } from "../../support/cluster/scripted-coordinator.ts";

const answer = {
  generationId: 1,
  leaderId: "m1",
  memberId: "m1",
  members: [{ memberId: "m1", memberMetadata: Buffer.from("claim") }],
};

/** A coordinator whose broker answers by these functions. */
function coordinatorOf(
  broker: Readonly<Record<string, () => Promise<unknown>>>,
  find = () => Promise.resolve(broker),
) {
  let disconnects = 0;
  const done = () => Promise.resolve();
  const kafka = {
    [Symbol("private:Kafka:createCluster")]: () => ({
      connect: done,
      refreshMetadata: done,
      findGroupCoordinator: find,
      disconnect: () => {
        disconnects++;
        return Promise.resolve();
      },
    }),
  } as unknown as Kafka;
  const coordinator = groupCoordinator(kafka, {
    group: "g",
    protocolType: "t",
    protocol: "p",
    sessionMs: 10_000,
    rebalanceMs: 4_000,
  });
  return { coordinator, disconnects: () => disconnects };
}

const request = { memberId: "", metadata: Buffer.from("claim") };

async function joining(joined: object) {
  const joinGroup = () => Promise.resolve({ ...answer, ...joined });
  const { coordinator } = coordinatorOf({ joinGroup });
  await coordinator.connect();
  return coordinator.join(request);
}

describe("the coordinator of a group", () => {
  it("tells the leader what all members say, and others nothing", async () => {
    const members = new Map([["m1", Buffer.from("claim")]]);
    const joined = { generation: 1, memberId: "m1" };
    expect(await joining({})).toEqual({ ...joined, members });
    expect(await joining({ leaderId: "m2", members: [] })).toEqual({
      ...joined,
      members: null,
    });
  });

  it.each([
    ["a member without an id", { memberId: null }],
    ["a member with an empty id", { memberId: "" }],
    ["an id without end", { memberId: "x".repeat(1_001) }],
    ["no generation", { generationId: -1 }],
    [
      "others without an id",
      { members: [{ memberId: null, memberMetadata: null }] },
    ],
  ])("is not believed when it sends %s", async (_, joined) => {
    await expect(joining(joined)).rejects.toThrow(UnavailableFault);
  });

  it("may send no bytes at all", async () => {
    const members = [{ memberId: "m1", memberMetadata: null }];
    expect((await joining({ members })).members).toEqual(
      new Map([["m1", Buffer.alloc(0)]]),
    );
    const { coordinator } = coordinatorOf({
      syncGroup: () => Promise.resolve({ memberAssignment: null }),
    });
    await coordinator.connect();
    const sync = { generation: 1, memberId: "m1", assignments: new Map() };
    expect(await coordinator.sync(sync)).toEqual(Buffer.alloc(0));
  });

  it.each([
    [
      "INCONSISTENT_GROUP_PROTOCOL",
      /group g: .*instances of an earlier version/,
    ],
    ["GROUP_AUTHORIZATION_FAILED", /group g: .*allow the principal Read/],
  ])("refuses with advice (%s)", async (type, advice) => {
    const refuse = () => Promise.reject(groupError(type));
    const { coordinator } = coordinatorOf({ joinGroup: refuse });
    await coordinator.connect();
    const refused = coordinator.join(request);
    await expect(refused).rejects.toThrow(DeniedFault);
    await expect(refused).rejects.toThrow(advice);
    await expect(
      coordinatorOf({}, refuse).coordinator.connect(),
    ).rejects.toThrow(advice);
  });

  it("is looked for once, and again after a reset", async () => {
    let searches = 0;
    const heartbeat = () => Promise.resolve();
    const { coordinator, disconnects } = coordinatorOf({ heartbeat }, () => {
      searches++;
      return Promise.resolve({ heartbeat });
    });
    await expect(coordinator.heartbeat(1, "m1")).rejects.toThrow("has gone");
    await coordinator.connect();
    await coordinator.connect();
    await coordinator.heartbeat(1, "m1");
    expect([searches, disconnects()]).toEqual([1, 0]);
    coordinator.reset();
    await expect(coordinator.heartbeat(1, "m1")).rejects.toThrow("has gone");
    await coordinator.connect();
    expect([searches, disconnects()]).toEqual([2, 1]);
  });

  it("is not used when it is found after a reset", async () => {
    const found = Promise.withResolvers<object>();
    const { coordinator } = coordinatorOf({}, () => found.promise as never);
    const connecting = coordinator.connect();
    await Promise.resolve();
    coordinator.reset();
    found.resolve({ heartbeat: () => Promise.resolve() });
    await connecting;
    await expect(coordinator.heartbeat(1, "m1")).rejects.toThrow("has gone");
  });
});
