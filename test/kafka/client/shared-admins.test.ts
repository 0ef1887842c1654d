// Tasks with an admin share the connections of their client, and have their own when it shares none.
import { describe, expect, it } from "vitest";
import { UnavailableFault } from "../../../src/domain/faults.ts";
import {
  shareAdmins,
  withAdmin,
} from "../../../src/kafka/client/connection.ts";
import type { Kafka } from "../../../src/kafka/client/kafkajs.ts";
import { SharedConnections } from "../../../src/kafka/client/shared-connections.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const { signal } = new AbortController();

/** A client whose clusters know one topic. */
function client() {
  const state = { clusters: 0, admins: 0, isUnreachable: false };
  const connect = () =>
    state.isUnreachable
      ? Promise.reject(new Error("unreachable"))
      : Promise.resolve();
  const logger = { namespace: () => logger };
  const kafka = {
    logger: () => logger,
    admin: () => {
      state.admins++;
      return {
        connect,
        disconnect: () => Promise.resolve(),
        listTopics: () => Promise.resolve(["by its own"]),
      };
    },
    [Symbol("private:Kafka:createCluster")]: () => {
      state.clusters++;
      return {
        connect,
        disconnect: () => Promise.resolve(),
        refreshMetadata: () => Promise.resolve(),
        metadata: () =>
          Promise.resolve({ topicMetadata: [{ topic: "shared" }] }),
      };
    },
  } as unknown as Kafka;
  const clock = new FakeClock();
  const connections = new SharedConnections({ kafka, clock, atMost: 2 });
  return { state, kafka, connections };
}

const topicsOf = (kafka: Kafka) =>
  withAdmin(kafka, signal, (admin) => admin.listTopics());

describe("tasks with an admin", () => {
  it("share the connections of their client until they are disposed", async () => {
    const { state, kafka, connections } = client();
    const sharing = shareAdmins(kafka, connections);
    const listings = Array.from({ length: 5 }, () => topicsOf(kafka));
    expect(await Promise.all(listings)).toEqual(Array(5).fill(["shared"]));
    expect(state).toMatchObject({ clusters: 2, admins: 0 });
    sharing[Symbol.dispose]();
    expect(await topicsOf(kafka)).toEqual(["by its own"]);
    expect(state).toMatchObject({ clusters: 2, admins: 1 });
  });

  it.each(["shared", "own"])(
    "tell an unreachable cluster from a task that fails, over %s connections",
    async (whose) => {
      const { state, kafka, connections } = client();
      if (whose === "shared") shareAdmins(kafka, connections);
      const failure = new Error("the task failed");
      const failing = withAdmin(kafka, signal, () => Promise.reject(failure));
      await expect(failing).rejects.toBe(failure);
      state.isUnreachable = true;
      await expect(topicsOf(kafka)).rejects.toThrow(UnavailableFault);
    },
  );
});
