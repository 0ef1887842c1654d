// A container that serves is used, and removed at the end.
import { expect, it, vi } from "vitest";
import { readBrokerIds } from "../../../src/kafka/client/broker-ids.ts";
import { startLocalStack } from "../../../src/local/stack.ts";
import { FakeEngine } from "../../support/docker/fake-engine.ts";
import { brokers, servers } from "../../support/kafka/kafka.ts";

it.skipIf(servers === null)("a Kafka in a container", async () => {
  await using engine = await FakeEngine.start(brokers()[0]);
  vi.stubEnv("DOCKER_HOST", engine.address);
  const said: string[] = [];
  await using stack = await startLocalStack({
    env: { DOCKER_HOST: engine.address },
    withRegistry: false,
    kafka: "docker",
    say: (line) => said.push(line),
  });
  expect(engine.containers.size).toBe(1);
  const [broker = ""] = stack.brokers;
  expect(await readBrokerIds(broker)).not.toEqual([]);
  expect(said).toEqual([
    "starting Kafka in Docker",
    "pulling apache/kafka:4.1.0, once",
    `Kafka is ready at ${broker}`,
  ]);
  await stack[Symbol.asyncDispose]();
  expect(engine.containers.size).toBe(0);
});
