// A connection that is disconnected again and again keeps nothing of its socket.
import { expect, it } from "vitest";
import { createCluster } from "../../../../src/kafka/client/cluster.ts";
import { createKafka } from "../../../../src/kafka/client/connection.ts";
import type { PooledCluster } from "../../../../src/kafka/client/repairs/kafkajs-internals.ts";
import { FalseBroker } from "../../../support/kafka/false-broker.ts";

it.each(["ended in order", "was cut"])(
  "adds no listeners to a socket that %s, however often it is disconnected",
  async (how) => {
    await using broker = await FalseBroker.start((request) =>
      request.healthy(),
    );
    const cluster = createCluster(
      createKafka({
        brokers: [broker.address],
        clientId: "test",
        debug: () => undefined,
      }),
    );
    await cluster.connect();
    const { seedBroker } = (cluster as unknown as PooledCluster).brokerPool;
    const [connection] = seedBroker?.connectionPool.pool ?? [];
    const socket = connection?.socket;
    if (how === "was cut") broker.cut();
    else await connection?.disconnect();
    await expect.poll(() => socket?.destroyed).toBe(true);
    for (let time = 0; time < 11; time++) await connection?.disconnect();
    expect(socket?.listenerCount("connect")).toBe(0);
  },
);
