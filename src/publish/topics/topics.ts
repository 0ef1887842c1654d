import type { Admin, Kafka } from "../../kafka/client/kafkajs.ts";
import { abortable } from "../../lib/abortable.ts";
import type { Clock } from "../../lib/clock.ts";
import { metricName } from "../../lib/kafka-topics.ts";
import { retry, type RetryPolicy } from "../../lib/retry.ts";
import { SharedRun } from "../../lib/shared-run.ts";
import { DeniedFault } from "../../domain/faults.ts";
import { withAdmin } from "../../kafka/client/connection.ts";
import { errorTypeOf } from "../../kafka/client/errors.ts";
import {
  collision,
  gone,
  missing,
  tooMany,
  writeFault,
} from "./topic-faults.ts";
import { createTopics, type NewTopics } from "./topic-creation.ts";
import type { TopicFault } from "../sink.ts";
import { isQuiet, SERVER_WAITS } from "../until-available.ts";

export interface TopicsOptions extends NewTopics {
  readonly kafka: Kafka;
  /** Lists the topics of the cluster for all connectors of the process that ask at once; see `listTopicsOf`. */
  readonly topicListing: SharedRun<readonly string[]>;
  readonly create: boolean;
  /** No topic is created for records once this number of target topics exists. */
  readonly maxCreated: number;
  /** Whether a topic of that name is one that records go to. */
  readonly isTarget: (topic: string) => boolean;
  readonly clock: Clock;
  readonly retrying: NonNullable<RetryPolicy["failed"]>;
}

/** How long a topic that takes no records is left alone before it is looked at again. */
const RECHECK_MS = 10_000;

/** How long a topic that was just created may be unknown to some broker. */
const SPREAD_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** Above this number, expired notes are removed. */
const MOST_NOTES = 1_000;

const never = new AbortController().signal;

/** The names of a cluster's topics. Rejects as `withAdmin` does. */
export function listTopicsOf(kafka: Kafka): SharedRun<readonly string[]> {
  return new SharedRun(() =>
    withAdmin(kafka, never, (admin) => admin.listTopics()),
  );
}

/** The topics of the cluster at one time. */
interface Listing {
  readonly names: ReadonlySet<string>;
  /** By their names in Kafka's metrics. */
  readonly byMetricName: ReadonlyMap<string, string>;
  readonly untilMs: number;
}

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
  readonly #notReady = new Map<string, { why: TopicFault; untilMs: number }>();
  /** The last listing, when it left no room for another topic. */
  #full: Listing | null = null;

  constructor(options: TopicsOptions) {
    this.#options = options;
  }

  /**
   * Makes sure of topics; returns why for those that take no records. Waits for Kafka as
   * long as it takes; rejects with a DeniedFault or the signal's reason.
   */
  async prepare(
    topics: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, TopicFault>> {
    const nowMs = this.#options.clock.monotonicMs();
    this.#forget(nowMs);
    const unknown = topics.filter(
      (topic) =>
        !this.#ready.has(topic) &&
        (this.#notReady.get(topic)?.untilMs ?? -Infinity) <= nowMs,
    );
    const asked = this.#unlessFull(unknown, nowMs);
    if (asked.length > 0) await this.#look(asked, signal);
    const faults = new Map<string, TopicFault>();
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
  ): Promise<TopicFault | null> {
    this.#ready.delete(topic);
    if (errorTypeOf(error) === "UNKNOWN_TOPIC_OR_PARTITION")
      return this.#find(topic, signal);
    const why = writeFault(topic, error);
    this.#note(topic, why);
    return why;
  }

  /** Looks for a topic that some broker does not know; a young one is given time. */
  async #find(topic: string, signal: AbortSignal): Promise<TopicFault | null> {
    const { clock } = this.#options;
    const untilMs =
      (this.#createdMs.get(topic) ?? -Infinity) + SPREAD_WITHIN_MS;
    for (;;) {
      await this.#look([topic], signal);
      const why = this.#notReady.get(topic)?.why ?? null;
      if (why === null || clock.monotonicMs() >= untilMs) return why;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  #note(topic: string, why: TopicFault): void {
    const untilMs = this.#options.clock.monotonicMs() + RECHECK_MS;
    this.#notReady.set(topic, { why, untilMs });
  }

  #noteFull(topic: string): void {
    this.#note(topic, tooMany(topic, this.#options.maxCreated));
  }

  /** The topics to ask the cluster for. Sell may invent any number of types: while there is no room, none is asked for. */
  #unlessFull(topics: readonly string[], nowMs: number): readonly string[] {
    if (this.#full === null || nowMs >= this.#full.untilMs) return topics;
    const { isTarget } = this.#options;
    const targets = topics.filter(isTarget);
    for (const topic of this.#missingOf(targets, this.#full))
      this.#noteFull(topic);
    return topics.filter((topic) => !isTarget(topic));
  }

  #forget(nowMs: number): void {
    if (this.#notReady.size < MOST_NOTES) return;
    for (const [topic, { untilMs }] of this.#notReady)
      if (untilMs <= nowMs) this.#notReady.delete(topic);
  }

  #settle(topic: string): void {
    this.#notReady.delete(topic);
    this.#ready.add(topic);
    this.#seen.add(topic);
  }

  /** Asks the cluster for topics, and creates missing ones, as often as it takes while no broker answers. */
  #look(topics: readonly string[], signal: AbortSignal): Promise<void> {
    const { clock, retrying } = this.#options;
    const policy: RetryPolicy = {
      clock,
      waits: SERVER_WAITS,
      isRetryable: (error) => !(error instanceof DeniedFault),
      failed: (error, failures, waitMs) => {
        // A broker may not know yet of a topic that this process has just created.
        if (!isQuiet(error, failures)) retrying(error, failures, waitMs);
      },
    };
    return retry(() => this.#lookOnce(topics, signal), policy, signal);
  }

  async #lookOnce(
    topics: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const { kafka, topicListing, maxCreated, isTarget, clock } = this.#options;
    const names = new Set(await abortable(topicListing.get(), signal));
    const byMetricName = new Map(
      [...names].map((topic) => [metricName(topic), topic]),
    );
    const untilMs = clock.monotonicMs() + RECHECK_MS;
    const listing: Listing = { names, byMetricName, untilMs };
    let room = maxCreated - [...names].filter(isTarget).length;
    const wanted = new Map<string, string>();
    for (const topic of this.#missingOf(topics, listing)) {
      const twin = wanted.get(metricName(topic));
      if (twin !== undefined) this.#note(topic, collision(topic, twin));
      else if (isTarget(topic) && room-- <= 0) this.#noteFull(topic);
      else wanted.set(metricName(topic), topic);
    }
    this.#full = room < 0 ? listing : null;
    if (wanted.size > 0)
      await withAdmin(kafka, signal, (admin) =>
        this.#create(admin, [...wanted.values()]),
      );
  }

  /** The topics that could be created; notes what is known of the others. */
  #missingOf(topics: readonly string[], listing: Listing): string[] {
    const { names, byMetricName } = listing;
    return topics.filter((topic) => {
      const twin = byMetricName.get(metricName(topic));
      if (names.has(topic)) this.#settle(topic);
      else if (twin !== undefined) this.#note(topic, collision(topic, twin));
      else if (this.#seen.has(topic)) this.#note(topic, gone(topic));
      else if (!this.#options.create) this.#note(topic, missing(topic));
      else return true;
      return false;
    });
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
}
