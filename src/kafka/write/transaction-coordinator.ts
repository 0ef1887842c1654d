import { abortable } from "../../lib/abortable.ts";
import type { Clock } from "../../lib/clock.ts";
import { retry } from "../../lib/retry.ts";
import type { Broker, Cluster } from "../client/cluster.ts";
import { errorTypeOf } from "../client/errors.ts";

const TRANSACTION = 1;

/** Kafka answers CONCURRENT_TRANSACTIONS until the transaction before is marked everywhere: longer waits cost most of the speed. */
const COORDINATOR_WAITS = { baseMs: 10, capMs: 500 };
const MOST_FAILURES = 20;

/** With each transaction that the coordinator takes at once, the next one is tried so much earlier. */
const EARLIER = 0.9;
const LONGEST_MARKING_MS = 500;

/** The transaction before is not marked everywhere yet. */
const UNMARKED = "CONCURRENT_TRANSACTIONS";
/** Answers by which a coordinator has done nothing, and which pass. */
const coordinatorPasses = new Set([UNMARKED, "GROUP_LOAD_IN_PROGRESS"]);
/** Another broker may be the coordinator by now. */
const coordinatorMoved = new Set([
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
]);

/** The broker that coordinates the transactions of one transactional id; it is looked for once. */
export class TransactionCoordinator {
  readonly #transactionalId: string;
  readonly #clock: Clock;
  #nodeId: string | null = null;
  /** When the last transaction ended; null before the first one. */
  #endedMs: number | null = null;
  /** How long the brokers seem to take to mark a transaction after its end. */
  #markingMs = 0;

  constructor(transactionalId: string, clock: Clock) {
    this.#transactionalId = transactionalId;
    this.#clock = clock;
  }

  /**
   * Makes the first request of a transaction, once the one before it is likely to be marked: a busy
   * broker would refuse it again and again.
   */
  async begin<T>(
    cluster: Cluster,
    request: (broker: Broker) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const sinceEndMs = () =>
      this.#clock.monotonicMs() - (this.#endedMs ?? -Infinity);
    const waitMs = Math.floor(this.#markingMs - sinceEndMs());
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
    const firstMs = sinceEndMs();
    const refusals = new Set<string>();
    const answer = await this.ask(cluster, request, signal, (error) => {
      refusals.add(errorTypeOf(error) ?? "");
    });
    if (!refusals.has(UNMARKED))
      this.#markingMs = EARLIER * Math.min(firstMs, this.#markingMs);
    else if (this.#endedMs !== null)
      this.#markingMs = Math.min(sinceEndMs(), LONGEST_MARKING_MS);
    return answer;
  }

  /** Makes the last request of a transaction. */
  async end<T>(
    cluster: Cluster,
    request: (broker: Broker) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const answer = await this.ask(cluster, request, signal);
    this.#endedMs = this.#clock.monotonicMs();
    return answer;
  }

  /** Makes a request, again while the coordinator is busy or moves. */
  ask<T>(
    cluster: Cluster,
    request: (broker: Broker) => Promise<T>,
    signal: AbortSignal,
    failed: (error: unknown) => void = () => undefined,
  ): Promise<T> {
    return retry(
      async () => {
        const broker = await this.#find(cluster, signal);
        return await abortable(request(broker), signal);
      },
      {
        clock: this.#clock,
        waits: COORDINATOR_WAITS,
        maxFailures: MOST_FAILURES,
        isRetryable: (error) => {
          const type = errorTypeOf(error) ?? "";
          if (coordinatorPasses.has(type)) return true;
          // It is found anew after any other failure: its broker may be gone.
          this.#nodeId = null;
          return coordinatorMoved.has(type);
        },
        failed,
      },
      signal,
    );
  }

  async #find(cluster: Cluster, signal: AbortSignal): Promise<Broker> {
    if (this.#nodeId === null) {
      const any = await abortable(cluster.findControllerBroker(), signal);
      const { coordinator } = await abortable(
        any.findGroupCoordinator({
          groupId: this.#transactionalId,
          coordinatorType: TRANSACTION,
        }),
        signal,
      );
      this.#nodeId = String(coordinator.nodeId);
    }
    const nodeId = this.#nodeId;
    return abortable(cluster.findBroker({ nodeId }), signal);
  }
}
