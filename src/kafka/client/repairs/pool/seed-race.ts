import { abortable } from "../../../../lib/abortable.ts";
import type { BrokerFailures } from "../../broker-failures.ts";
import { connectionError, toSeedsFault } from "../broker-faults.ts";
import type { BrokerPool, PoolBroker } from "../kafkajs-internals.ts";
import { abandon, isNode, PATIENCE_MS } from "./brokers.ts";
import { AllFailed, firstOf } from "./first-of.ts";
import { verifyKnowsBrokers } from "./metadata-request.ts";
import type { Address, Seeds } from "./seeds.ts";

/** For a token, a login and two answers. */
const READY_MS = 30_000;
/** Brokers that refuse at once, such as one that restarts, are tried in several rounds. */
const ROUNDS_MS = 10_000;

/** Connects the pool to the first seed broker that is ready. */
export async function connectSeeds(
  pool: BrokerPool,
  seeds: Seeds,
  failures: BrokerFailures,
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
            if (!signal.aborted) failures.record(error);
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
      const { fault, isFinal } = toSeedsFault(error.errors);
      failures.report(fault);
      if (!isFinal && performance.now() - startMs < ROUNDS_MS) throw fault;
      bail(fault);
    }
  });
}

/** Resolves once the broker at an address has accepted this client and has named its cluster's brokers. */
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
    const ready = broker.connect().then(() => verifyKnowsBrokers(broker));
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
