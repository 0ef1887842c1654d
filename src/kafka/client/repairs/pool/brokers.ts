import { isConnectionFault } from "../broker-faults.ts";
import type { BrokerPool, PoolBroker } from "../kafkajs-internals.ts";
import { firstOf } from "./first-of.ts";

/** A healthy broker that is far away is ready within this time; the next one starts after it. */
export const PATIENCE_MS = 1_500;

/** Returns a connected broker, and connects one when there is none. */
export async function findConnected(pool: BrokerPool): Promise<PoolBroker> {
  const connected = () => nodes(pool).find((node) => node.isConnected());
  const found = connected();
  if (found !== undefined) return found;
  try {
    return await firstOf(nodes(pool), PATIENCE_MS, async (node) => {
      await pool.connectBroker(node);
      return node;
    });
  } catch {
    // No known node can be reached: they may have moved, and the seeds know where.
  }
  await pool.connect();
  const broker = connected() ?? pool.seedBroker;
  if (broker === undefined) throw new Error("no broker is connected");
  return broker;
}

/**
 * Repeats a refresh of the metadata while connections fail. kafkajs asks another broker each time,
 * since the connection of the one that failed has ended.
 */
export async function refreshed(
  pool: BrokerPool,
  refresh: () => Promise<unknown>,
): Promise<unknown> {
  for (let left = nodes(pool).length; ; left--) {
    // kafkajs leaves it undefined after it has dropped the last broker.
    pool.seedBroker ??= await findConnected(pool);
    try {
      return await refresh();
    } catch (error) {
      if (left <= 0 || !isConnectionFault(error)) throw error;
    }
  }
}

/**
 * Returns the result of the first broker whose task succeeds, connected ones first. Rejects with
 * the last error when none succeeds.
 */
export async function withEach<T>(
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

/** The brokers of the cluster: connected ones first, otherwise in random order. */
function nodes(pool: BrokerPool): PoolBroker[] {
  return Object.values(pool.brokers)
    .map((node) => ({
      node,
      rank: Math.random() + Number(!node.isConnected()),
    }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ node }) => node);
}

/** Whether the cluster's metadata names this broker; a seed is known by its address alone. */
export function isNode(pool: BrokerPool, broker: PoolBroker): boolean {
  return Object.values(pool.brokers).includes(broker);
}

/** Destroys the connections of a broker; what waits for an answer there rejects with the error. */
export function abandon(broker: PoolBroker, error: unknown): void {
  const reason = error instanceof Error ? error : new Error(String(error));
  for (const connection of broker.connectionPool.pool)
    connection.abandon(reason);
}
