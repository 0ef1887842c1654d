import type * as testcontainers from "testcontainers";

const KAFKA_IMAGE = "apache/kafka:4.1.0";
const REGISTRY_IMAGE = "apicurio/apicurio-registry-mem:2.6.13.Final";

type Testcontainers = typeof testcontainers;

/** Loads Testcontainers. Returns null when it is not installed or no Docker engine responds. */
export async function findDocker(): Promise<Testcontainers | null> {
  try {
    const docker = await import("testcontainers");
    await docker.getContainerRuntimeClient();
    return docker;
  } catch {
    return null;
  }
}

/** Starts one Kafka node in a container. Testcontainers' reaper ends it when this process dies. */
export async function startKafkaContainer(
  { GenericContainer, getContainerRuntimeClient, Wait }: Testcontainers,
  port: number,
): Promise<AsyncDisposable & { readonly broker: string }> {
  const client = await getContainerRuntimeClient();
  const { host } = client.info.containerRuntime;
  const container = await new GenericContainer(KAFKA_IMAGE)
    // The broker advertises its address to clients, so the outer port must be known before the start.
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: "1",
      KAFKA_PROCESS_ROLES: "broker,controller",
      KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
      KAFKA_LISTENERS: "PLAINTEXT://:9092,CONTROLLER://:9093",
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${host}:${port}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP:
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1",
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
      KAFKA_NUM_PARTITIONS: "1",
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start();
  return {
    broker: `${host}:${port}`,
    [Symbol.asyncDispose]: stopper(container),
  };
}

export async function startRegistryContainer({
  GenericContainer,
  Wait,
}: Testcontainers): Promise<AsyncDisposable & { readonly url: string }> {
  const container = await new GenericContainer(REGISTRY_IMAGE)
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp("/apis/ccompat/v7/subjects", 8080))
    .start();
  const address = `${container.getHost()}:${container.getMappedPort(8080)}`;
  return {
    url: `http://${address}/apis/ccompat/v7`,
    [Symbol.asyncDispose]: stopper(container),
  };
}

function stopper(container: testcontainers.StartedTestContainer) {
  return async () => {
    await container.stop();
  };
}
