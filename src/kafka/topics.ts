import type { Admin, Kafka } from "kafkajs";
import { Backoff } from "../pipeline/backoff.ts";
import type { Clock } from "../pipeline/clock.ts";
import { DeniedFault, RecordFault, TypeFault } from "../pipeline/faults.ts";
import { withAdmin } from "./connection.ts";
import { allowance, errorTypeOf, reasonOf } from "./errors.ts";
import { createTopics, type NewTopics, type NotReady } from "./new-topics.ts";

export interface TopicsOptions extends NewTopics {
  readonly kafka: Kafka;
  readonly create: boolean;
  readonly clock: Clock;
  readonly retrying: (error: unknown, failures: number) => void;
}

/** How long a topic that takes no records is left alone before it is looked at again. */
const RECHECK_MS = 10_000;

/** How long a topic that was just created may be unknown to some broker. */
const SPREAD_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * Knows which topics can be written to, and creates the missing ones where that is wanted.
 * A topic that was ready once and is gone is not created again: what was acknowledged to Sell
 * was in it, and an empty topic in its place would hide that.
 */
export class Topics {
  readonly #options: TopicsOptions;
  readonly #ready = new Set<string>();
  readonly #seen = new Set<string>();
  /** When this process created topics. */
  readonly #createdMs = new Map<string, number>();
  readonly #notReady = new Map<string, { why: NotReady; untilMs: number }>();

  constructor(options: TopicsOptions) {
    this.#options = options;
  }

  /**
   * Makes sure of topics; answers why for those that take no records. Waits for Kafka as
   * long as it takes; rejects with a DeniedFault or the signal's reason.
   */
  async prepare(
    topics: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, NotReady>> {
    const nowMs = this.#options.clock.monotonicMs();
    const unknown = topics.filter(
      (topic) =>
        !this.#ready.has(topic) &&
        (this.#notReady.get(topic)?.untilMs ?? -Infinity) <= nowMs,
    );
    if (unknown.length > 0)
      await this.#patiently(signal, (admin) => this.#look(admin, unknown));
    const faults = new Map<string, NotReady>();
    for (const topic of topics) {
      const fault = this.#notReady.get(topic);
      if (fault !== undefined) faults.set(topic, fault.why);
    }
    return faults;
  }

  /**
   * Takes note that the brokers refused a write to the topic as a whole, and says why; null when
   * the topic is there after all: a broker may not know yet of one that was just created.
   */
  async refused(
    topic: string,
    error: unknown,
    signal: AbortSignal,
  ): Promise<NotReady | null> {
    this.#ready.delete(topic);
    if (errorTypeOf(error) === "UNKNOWN_TOPIC_OR_PARTITION")
      return this.#find(topic, signal);
    const why = new TypeFault(
      `topic ${topic} can't be written: ${reasonOf(error)}${allowance(error, "Describe and Write")}`,
      { cause: error },
    );
    this.#note(topic, why);
    return why;
  }

  /** Looks for a topic that some broker does not know; a young one is given time. */
  async #find(topic: string, signal: AbortSignal): Promise<NotReady | null> {
    const { clock } = this.#options;
    const untilMs =
      (this.#createdMs.get(topic) ?? -Infinity) + SPREAD_WITHIN_MS;
    for (;;) {
      await this.#patiently(signal, (admin) => this.#look(admin, [topic]));
      const why = this.#notReady.get(topic)?.why ?? null;
      if (why === null || clock.monotonicMs() >= untilMs) return why;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  #note(topic: string, why: NotReady): void {
    const untilMs = this.#options.clock.monotonicMs() + RECHECK_MS;
    this.#notReady.set(topic, { why, untilMs });
  }

  #settle(topic: string): void {
    this.#notReady.delete(topic);
    this.#ready.add(topic);
    this.#seen.add(topic);
  }

  /** Asks the cluster, as often as it takes while no broker answers. */
  async #patiently<T>(
    signal: AbortSignal,
    task: (admin: Admin) => Promise<T>,
  ): Promise<T> {
    const { kafka, clock, retrying } = this.#options;
    const backoff = new Backoff(clock, { baseMs: 200, capMs: 10_000 });
    for (;;) {
      try {
        return await withAdmin(kafka, signal, task);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof DeniedFault) throw error;
        retrying(error, backoff.failures + 1);
        await backoff.failed(signal);
      }
    }
  }

  async #look(admin: Admin, topics: readonly string[]): Promise<void> {
    const existing = new Set(await admin.listTopics());
    const metricNames = new Map(
      [...existing].map((topic) => [metricName(topic), topic]),
    );
    const missing: string[] = [];
    for (const topic of topics) {
      const twin = metricNames.get(metricName(topic));
      if (existing.has(topic)) this.#settle(topic);
      else if (twin !== undefined) this.#note(topic, collision(topic, twin));
      else if (this.#seen.has(topic)) this.#note(topic, gone(topic));
      else if (!this.#options.create) this.#note(topic, this.#absent(topic));
      else {
        missing.push(topic);
        metricNames.set(metricName(topic), topic);
      }
    }
    if (missing.length > 0) await this.#create(admin, missing);
  }

  async #create(admin: Admin, topics: readonly string[]): Promise<void> {
    const faults = await createTopics(admin, topics, this.#options);
    for (const topic of topics) {
      const why = faults.get(topic);
      if (why !== undefined) this.#note(topic, why);
      else {
        this.#createdMs.set(topic, this.#options.clock.monotonicMs());
        this.#settle(topic);
      }
    }
  }

  #absent(topic: string): TypeFault {
    return new TypeFault(
      `topic ${topic} does not exist, and topics.create is false; create it with cleanup.policy=compact and allow the connector's principal Write on it, or set topics.create to true`,
    );
  }
}

/** In Kafka's metrics `.` and `_` are the same, so it refuses a topic that differs from another only in them. */
function metricName(topic: string): string {
  return topic.replaceAll(".", "_");
}

function collision(topic: string, twin: string): RecordFault {
  return new RecordFault(
    "route",
    `topic ${topic} can't exist beside ${twin}: Kafka takes their names for the same in its metrics`,
  );
}

function gone(topic: string): TypeFault {
  return new TypeFault(
    `topic ${topic} was published to before and is gone, with what it held; create it again and raise sell.epoch, so that Sell sends everything again`,
  );
}
