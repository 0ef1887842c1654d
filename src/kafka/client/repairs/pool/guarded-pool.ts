import kafkajs from "kafkajs";
import type { BrokerFailures } from "../../broker-failures.ts";
import { withAdvertisedAddress, isAbandoned } from "../broker-faults.ts";
import { guard } from "../connection/guarded-connection.ts";
import type { BrokerPool, PooledCluster } from "../kafkajs-internals.ts";
import {
  abandon,
  findConnected,
  isNode,
  refreshed,
  withEach,
} from "./brokers.ts";
import { connectSeeds } from "./seed-race.ts";
import type { Seeds } from "./seeds.ts";

const { KafkaJSConnectionError } = kafkajs;

/** Makes a cluster of kafkajs find the brokers that work among those that do not. */
export function guardCluster(
  cluster: PooledCluster,
  seeds: Seeds,
  failures: BrokerFailures,
): void {
  const pool = cluster.brokerPool;
  guardConnections(pool);
  guardBrokers(pool, seeds, failures);
  const refresh = pool.refreshMetadata.bind(pool);
  const coordinator = cluster.findGroupCoordinatorMetadata.bind(cluster);
  let lastFault: unknown;
  const poolOverrides: Partial<BrokerPool> = {
    connect: shared(() => connectSeeds(pool, seeds, failures)),
    findConnectedBroker: () => findConnected(pool),
    refreshMetadata: (topics) => refreshed(pool, () => refresh(topics)),
    withBroker: async (task) => {
      try {
        return await withEach(pool, task);
      } catch (error) {
        lastFault = error;
        return null;
      }
    },
  };
  Object.assign(pool, poolOverrides);
  const clusterOverrides: Partial<PooledCluster> = {
    metadata: ({ topics = [] } = {}) =>
      pool.retrier(async () => {
        await pool.refreshMetadataIfNecessary(topics);
        return withEach(pool, ({ broker }) => broker.metadata(topics));
      }),
    findGroupCoordinatorMetadata: async (query) => {
      try {
        return await coordinator(query);
      } catch (error) {
        throw error instanceof Error
          ? Object.assign(error, { cause: lastFault })
          : error;
      }
    },
  };
  Object.assign(cluster, clusterOverrides);
}

function guardConnections({ connectionPoolBuilder }: BrokerPool): void {
  const build = connectionPoolBuilder.build;
  connectionPoolBuilder.build = async (destination) => {
    // kafkajs connects to a configured broker instead when the host is missing.
    if (destination?.host === undefined || destination.host === "")
      throw new KafkaJSConnectionError(
        "a broker without a host is among those that the cluster names; look at advertised.listeners of the brokers",
      );
    const connections = await build(destination);
    connections.pool.forEach(guard);
    return connections;
  };
}

/** Each broker is asked for its own versions: they may differ in a cluster, and it must answer. */
function guardBrokers(
  pool: BrokerPool,
  seeds: Seeds,
  failures: BrokerFailures,
): void {
  const create = pool.createBroker;
  pool.createBroker = (options) => {
    const broker = create({ ...options, versions: null });
    const { connectionPool } = options;
    const connectBroker = broker.connect.bind(broker);
    const isConnected = broker.isConnected.bind(broker);
    let isConnecting = false;
    // A broker is usable only once its versions are known.
    broker.isConnected = () => !isConnecting && isConnected();
    broker.connect = shared(async () => {
      if (broker.isConnected()) return;
      isConnecting = true;
      broker.versions = null;
      try {
        await connectBroker();
      } catch (error) {
        const isSeed = seeds.has(connectionPool);
        const fault = isSeed
          ? error
          : withAdvertisedAddress(error, connectionPool);
        abandon(broker, fault);
        if (isNode(pool, broker) && !isAbandoned(fault)) failures.report(fault);
        throw fault;
      } finally {
        isConnecting = false;
      }
    });
    return broker;
  };
}

/** Concurrent calls share one run of the task. */
function shared(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () =>
    (running ??= task().finally(() => {
      running = null;
    }));
}
