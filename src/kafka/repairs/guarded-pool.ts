import kafkajs from "kafkajs";
import { abortable } from "../../lib/abortable.ts";
import {
  asAdvertised,
  connectionError,
  isAbandoned,
  isConnectionFault,
  seedsFault,
} from "./broker-faults.ts";
import type { FailedAttempts } from "../client/failed-attempts.ts";
import { AllFailed, firstOf } from "./first-of.ts";
import { guard } from "./guarded-connection.ts";
import type {
  BrokerPool,
  PoolBroker,
  PooledCluster,
} from "./kafkajs-internals.ts";
import { anyBroker } from "./metadata-request.ts";
import type { Address, Seeds } from "./seeds.ts";

const { KafkaJSConnectionError } = kafkajs;

/** A healthy broker far away is ready by then; one that is not is not waited for. */
const PATIENCE_MS = 1_500;
/** For a token, a login and two answers. */
const READY_MS = 30_000;
/** Several rounds are for brokers that refuse at once, such as one that restarts. */
const ROUNDS_MS = 10_000;

/** Has a cluster of kafkajs find brokers that work among those that don't; see `repairs.ts`. */
export function guardCluster(
  cluster: PooledCluster,
  seeds: Seeds,
  attempts: FailedAttempts,
): void {
  const pool = cluster.brokerPool;
  guardConnections(pool);
  guardBrokers(pool, seeds, attempts);
  const refresh = pool.refreshMetadata.bind(pool);
  const coordinator = cluster.findGroupCoordinatorMetadata.bind(cluster);
  let lastFault: unknown;
  const poolOverrides: Partial<BrokerPool> = {
    connect: shared(() => connect(pool, seeds, attempts)),
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
    // kafkajs would take one of the configured brokers in its place.
    if (destination?.host === undefined || destination.host === "")
      throw new KafkaJSConnectionError(
        "a broker without a host is among those that the cluster names; look at advertised.listeners of the brokers",
      );
    const connections = await build(destination);
    connections.pool.forEach(guard);
    return connections;
  };
}

/** Each broker is asked anew for its versions: those of a cluster may differ, and it has to answer. */
function guardBrokers(
  pool: BrokerPool,
  seeds: Seeds,
  attempts: FailedAttempts,
): void {
  const create = pool.createBroker;
  pool.createBroker = (options) => {
    const broker = create({ ...options, versions: null });
    const { connectionPool } = options;
    const connectBroker = broker.connect.bind(broker);
    const isConnected = broker.isConnected.bind(broker);
    let isConnecting = false;
    // Its versions have to be known too.
    broker.isConnected = () => !isConnecting && isConnected();
    broker.connect = shared(async () => {
      if (broker.isConnected()) return;
      isConnecting = true;
      broker.versions = null;
      try {
        await connectBroker();
      } catch (error) {
        const isSeed = seeds.has(connectionPool);
        const fault = isSeed ? error : asAdvertised(error, connectionPool);
        abandon(broker, fault);
        if (isNode(pool, broker) && !isAbandoned(fault)) attempts.failed(fault);
        throw fault;
      } finally {
        isConnecting = false;
      }
    });
    return broker;
  };
}

async function connect(
  pool: BrokerPool,
  seeds: Seeds,
  attempts: FailedAttempts,
): Promise<void> {
  if (pool.hasConnectedBrokers()) return;
  const startMs = performance.now();
  await pool.retrier(async (bail) => {
    const order = seeds.inOrder();
    try {
      const { address, broker } = await firstOf(
        order,
        PATIENCE_MS,
        async (one, signal) => {
          try {
            return await connectSeed(pool, one, signal);
          } catch (error) {
            if (!signal.aborted) attempts.passed(error);
            throw error;
          }
        },
        ({ broker: late }) => {
          abandon(late, new Error("another broker was first"));
        },
      );
      seeds.worked(address);
      const former = pool.seedBroker;
      pool.seedBroker = broker;
      pool.versions = broker.versions;
      if (former !== undefined && !isNode(pool, former))
        abandon(former, new Error("another broker is used"));
    } catch (error) {
      if (!(error instanceof AllFailed)) throw error;
      const { fault, isFinal } = seedsFault(error.errors);
      attempts.failed(fault);
      if (!isFinal && performance.now() - startMs < ROUNDS_MS) throw fault;
      bail(fault);
    }
  });
}

/** A broker that has accepted this client, and knows its cluster. */
async function connectSeed(
  pool: BrokerPool,
  address: Address,
  signal: AbortSignal,
): Promise<{ address: Address; broker: PoolBroker }> {
  const connectionPool = await pool.connectionPoolBuilder.build(address);
  const broker = pool.createBroker({ connectionPool, logger: pool.rootLogger });
  const late = AbortSignal.timeout(READY_MS);
  try {
    const within = AbortSignal.any([signal, late]);
    within.throwIfAborted();
    const ready = broker.connect().then(() => anyBroker(broker));
    await abortable(ready, within);
    return { address, broker };
  } catch (error) {
    const fault = late.aborted
      ? connectionError(address, `not ready within ${READY_MS / 1_000} s`)
      : error;
    abandon(broker, fault);
    throw fault;
  }
}

async function findConnected(pool: BrokerPool): Promise<PoolBroker> {
  const connected = () => nodes(pool).find((node) => node.isConnected());
  const found = connected();
  if (found !== undefined) return found;
  try {
    return await firstOf(nodes(pool), PATIENCE_MS, async (node) => {
      await pool.connectBroker(node);
      return node;
    });
  } catch {
    // None of the nodes that are known: they may have moved.
  }
  await pool.connect();
  const broker = connected() ?? pool.seedBroker;
  if (broker === undefined) throw new Error("no broker is connected");
  return broker;
}

/** Asks another broker when one fails: its connection has ended then, so it is not chosen again. */
async function refreshed(
  pool: BrokerPool,
  refresh: () => Promise<unknown>,
): Promise<unknown> {
  for (let left = nodes(pool).length; ; left--) {
    // kafkajs leaves it undefined once it has taken the last broker for gone.
    pool.seedBroker ??= await findConnected(pool);
    try {
      return await refresh();
    } catch (error) {
      if (left <= 0 || !isConnectionFault(error)) throw error;
    }
  }
}

/** The result of the first broker whose task succeeds, those that are connected first; else the last error. */
async function withEach<T>(
  pool: BrokerPool,
  task: (at: { nodeId: string; broker: PoolBroker }) => Promise<T>,
): Promise<T> {
  let fault: unknown = new Error("the cluster names no brokers");
  for (const node of nodes(pool)) {
    const nodeId = String(node.nodeId);
    try {
      const broker = await pool.findBroker({ nodeId });
      return await task({ nodeId, broker });
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

/** In random order, but connected ones first. */
function nodes(pool: BrokerPool): PoolBroker[] {
  return Object.values(pool.brokers)
    .map((node) => ({
      node,
      place: Math.random() + Number(!node.isConnected()),
    }))
    .sort((one, other) => one.place - other.place)
    .map(({ node }) => node);
}

function isNode(pool: BrokerPool, broker: PoolBroker): boolean {
  return Object.values(pool.brokers).includes(broker);
}

function abandon(broker: PoolBroker, error: unknown): void {
  const reason = error instanceof Error ? error : new Error(String(error));
  for (const connection of broker.connectionPool.pool)
    connection.abandon(reason);
}

/** Calls that come while one is under way share it. */
function shared(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () =>
    (running ??= task().finally(() => {
      running = null;
    }));
}
