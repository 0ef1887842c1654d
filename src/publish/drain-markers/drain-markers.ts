import {
  isRetryable,
  TypeFault,
  UnavailableFault,
} from "../../domain/faults.ts";
import type { Observer } from "../../domain/observer.ts";
import type { Outcome } from "../../domain/settled.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Semaphore } from "../../lib/semaphore.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import { retry } from "../../lib/retry.ts";
import type { KafkaRecord } from "../../kafka/write/kafka-writer.ts";
import type { Sink } from "../sink.ts";
import { SERVER_WAITS } from "../until-available.ts";
import { markerRecord, type DrainMarker } from "./drain-marker.ts";

/** So many changes in one drain are marked, as the first complete drain of a device is. */
const LARGE_DRAIN = 10_000;
/** Sell may invent any number of types; beyond these, a marker counts none. */
const MOST_TYPES = 1_000;
const WITHIN_MS = 10_000;
const MOST_FAILURES = 5;
/** A marker that could not be written is left alone for so long. */
const RETRY_AFTER_MS = 60_000;

/** The facts about Kafka that a marker needs. */
export interface ClusterView {
  /** The end of each partition that records go to. */
  endOffsets(): Promise<DrainMarker["endOffsets"]>;
  /** The device of the newest marker of this connector; null without one. Rejects as `readRanges` does. */
  markedDevice(): Promise<string | null>;
  /** Makes sure of the topic. Rejects with why there is none. */
  prepare(): Promise<void>;
}

export interface MarkedCluster {
  /** Runs a task while it is connected. Rejects when Kafka can't be reached, or as the task does. */
  visit<T>(
    signal: AbortSignal,
    task: (view: ClusterView) => Promise<T>,
  ): Promise<T>;
}

export interface DrainMarkersOptions {
  readonly connectorName: string;
  readonly device: string;
  readonly topic: string;
  readonly cluster: MarkedCluster;
  readonly sink: Pick<Sink, "write">;
  readonly clock: Clock;
  /** Limits how many connectors are at their markers at once: the others do it after a later drain. */
  readonly semaphore: Semaphore;
  /** How long the next drain waits for a marker. */
  readonly withinMs?: number;
  readonly written: (marker: DrainMarker) => void;
  /** Called once for a cause, until a marker was written. */
  readonly failed: (reason: string) => void;
}

/**
 * Writes a marker after the first complete drain of a device, and after each large one. A failure is
 * told, and ends nothing: the marker stays due for a later complete drain.
 */
export class DrainMarkers {
  readonly #options: DrainMarkersOptions;
  /** Since the complete drain that came before, or since the last marker while one is due. */
  readonly #counts = new Map<string, number>();
  /** In all since then. */
  #published = 0;
  /** Null until the newest marker was looked for. */
  #isFirst: boolean | null = null;
  #isDue = false;
  #notBeforeMs = -Infinity;
  #told: string | null = null;

  constructor(options: DrainMarkersOptions) {
    this.#options = options;
  }

  get observer(): Pick<Observer, "settled"> {
    return {
      settled: (outcomes) => {
        this.#count(outcomes);
      },
    };
  }

  /** Call it after a complete drain, before the sink rests. Never rejects; `givingUp` ends it. */
  async drainCompleted(givingUp: AbortSignal): Promise<void> {
    const { clock, semaphore } = this.#options;
    this.#isDue ||= this.#published >= LARGE_DRAIN;
    if (this.#isFirst === false && !this.#isDue) this.#forgetCounts();
    else if (clock.monotonicMs() >= this.#notBeforeMs)
      await semaphore.tryRun(() => this.#attempt(givingUp));
  }

  async #attempt(givingUp: AbortSignal): Promise<void> {
    const { clock, failed, withinMs = WITHIN_MS } = this.#options;
    const timeout = AbortSignal.timeout(withinMs);
    try {
      await this.#writeIfDue(AbortSignal.any([givingUp, timeout]));
      this.#told = null;
    } catch (error) {
      if (givingUp.aborted) return;
      this.#notBeforeMs = clock.monotonicMs() + RETRY_AFTER_MS;
      const reason = timeout.aborted
        ? `Kafka did not take it within ${withinMs} ms`
        : reasonOf(error);
      const cause = error instanceof TypeFault ? error.why.code : reason;
      if (this.#told !== cause) failed(reason);
      this.#told = cause;
    }
  }

  async #writeIfDue(signal: AbortSignal): Promise<void> {
    const { cluster, topic, written } = this.#options;
    const marker = await cluster.visit(signal, (view) => this.#markerOn(view));
    if (marker !== null) {
      await this.#write(markerRecord(topic, marker), signal);
      this.#isFirst = false;
      this.#isDue = false;
      written(marker);
    }
    this.#forgetCounts();
  }

  /** Tries again for a while: some broker may not know yet of a topic that was just created. */
  async #write(record: KafkaRecord, signal: AbortSignal): Promise<void> {
    const { sink, clock } = this.#options;
    const batches = [[record]];
    const attempt = async () => {
      const refusal = await sink.write(batches, signal);
      if (refusal === null) return;
      throw refusal.code === "UNKNOWN_TOPIC_OR_PARTITION"
        ? new UnavailableFault(refusal.reason)
        : new Error(refusal.reason);
    };
    const policy = { clock, waits: SERVER_WAITS, isRetryable };
    await retry(attempt, { ...policy, maxFailures: MOST_FAILURES }, signal);
  }

  /** Null when none is due. */
  async #markerOn(view: ClusterView): Promise<DrainMarker | null> {
    const { device, connectorName, clock } = this.#options;
    this.#isFirst ??= (await markedDevice(view)) !== device;
    if (!this.#isFirst && !this.#isDue) return null;
    this.#isDue = true;
    await view.prepare();
    const endOffsets = await view.endOffsets();
    return {
      connector: connectorName,
      device,
      time: new Date(clock.epochMs()).toISOString(),
      isFirst: this.#isFirst,
      counts: Object.fromEntries([...this.#counts].sort()),
      endOffsets,
    };
  }

  #forgetCounts(): void {
    this.#counts.clear();
    this.#published = 0;
  }

  #count(outcomes: readonly Outcome[]): void {
    for (const { item, fate } of outcomes) {
      if (fate.kind !== "published") continue;
      this.#published++;
      const type = String(item.type);
      const known = this.#counts.get(type);
      if (known !== undefined || this.#counts.size < MOST_TYPES)
        this.#counts.set(type, (known ?? 0) + 1);
    }
  }
}

/** Null also when this principal may not read the topic: then each process marks its first complete drain. */
async function markedDevice(view: ClusterView): Promise<string | null> {
  try {
    return await view.markedDevice();
  } catch (error) {
    if (error instanceof TypeFault) return null;
    throw error;
  }
}
