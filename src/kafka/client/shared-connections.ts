import { abortable, WAIT_OVER } from "../../lib/abortable.ts";
import type { Clock } from "../../lib/clock.ts";
import { createCluster, type WholeCluster } from "./cluster.ts";
import { explain } from "./connection.ts";
import type { Kafka } from "./kafkajs.ts";

export interface SharedConnectionsOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  /** A topic that is there: brokers are asked for it alone, and name themselves. */
  readonly topic?: string;
  /** How many sets of connections are open at once: a broker serves one request of a connection after the other. */
  readonly atMost: number;
}

/** One connection to each broker, as far as they are used. */
interface ConnectionSet {
  readonly cluster: WholeCluster;
  readonly ready: Promise<void>;
  users: number;
  isBroken: boolean;
  /** When somebody used it last. */
  usedMs: number;
}

/** Firewalls and load balancers drop connections that are idle for longer. */
const IDLE_MS = 60_000;

/**
 * Connections to the brokers that many tasks share. A task takes a set that nobody uses, or else
 * opens another one, up to a number; then sets are shared. One that failed serves nobody else, and
 * one that is idle is closed.
 */
export class SharedConnections implements AsyncDisposable {
  readonly #options: SharedConnectionsOptions;
  readonly #closed = new AbortController();
  #sets: ConnectionSet[] = [];
  #isClosingIdle = false;

  constructor(options: SharedConnectionsOptions) {
    this.#options = options;
  }

  /**
   * Runs a task on a connected cluster. Rejects with the task's error, with a DeniedFault when the
   * brokers refuse this client, or the signal's reason.
   */
  async use<T>(
    task: (cluster: WholeCluster) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    signal.throwIfAborted();
    const set = this.#take();
    try {
      await abortable(set.ready, signal);
      return await task(set.cluster);
    } catch (error) {
      signal.throwIfAborted();
      if (!isAnswer(error)) this.#drop(set);
      throw await explain(this.#options.kafka, error);
    } finally {
      this.#giveBack(set);
    }
  }

  /** Closes what is open; what is under way ends first. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(WAIT_OVER);
    for (const set of this.#sets) this.#drop(set);
    return Promise.resolve();
  }

  #take(): ConnectionSet {
    const free = this.#sets.find(({ users }) => users === 0);
    const set =
      free ??
      (this.#sets.length < this.#options.atMost ? this.#open() : this.#least());
    set.users++;
    return set;
  }

  #least(): ConnectionSet {
    return this.#sets.reduce((least, one) =>
      one.users < least.users ? one : least,
    );
  }

  #open(): ConnectionSet {
    const { kafka, topic } = this.#options;
    const cluster = createCluster(kafka);
    const connect = async () => {
      await cluster.connect();
      if (topic === undefined) await cluster.refreshMetadata();
      else await cluster.addMultipleTargetTopics([topic]);
    };
    const ready = connect();
    const usedMs = this.#options.clock.monotonicMs();
    const set = { cluster, ready, users: 0, isBroken: false, usedMs };
    ready.catch(() => {
      this.#drop(set);
    });
    this.#sets.push(set);
    return set;
  }

  #giveBack(set: ConnectionSet): void {
    set.users--;
    if (set.users > 0) return;
    set.usedMs = this.#options.clock.monotonicMs();
    if (set.isBroken) disconnect(set);
    else if (!this.#isClosingIdle) void this.#closeIdle();
  }

  /** Closes sets that are idle for too long, while there are idle ones. */
  async #closeIdle(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closed;
    this.#isClosingIdle = true;
    try {
      for (;;) {
        const idle = this.#sets.filter(({ users }) => users === 0);
        if (idle.length === 0) break;
        const firstMs = Math.min(...idle.map(({ usedMs }) => usedMs));
        await clock.sleep(firstMs + IDLE_MS - clock.monotonicMs(), signal);
        const beforeMs = clock.monotonicMs() - IDLE_MS;
        for (const set of this.#sets)
          if (set.users === 0 && set.usedMs <= beforeMs) this.#drop(set);
      }
    } catch {
      // All are closed.
    } finally {
      this.#isClosingIdle = false;
    }
  }

  #drop(set: ConnectionSet): void {
    if (set.isBroken) return;
    set.isBroken = true;
    this.#sets = this.#sets.filter((one) => one !== set);
    if (set.users === 0) disconnect(set);
  }
}

function disconnect({ cluster }: ConnectionSet): void {
  void cluster.disconnect().catch(() => undefined);
}

/** A broker that answers with an error has a working connection. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === "KafkaJSProtocolError";
}
