import { collectDefaultMetrics, Registry } from "prom-client";
import type { Clock } from "../../lib/clock.ts";
import type {
  DrainEnd,
  Held,
  Observer,
  RequestReport,
  SessionReport,
} from "../../domain/observer.ts";
import type { Page, Session } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";
import { lagMs } from "../status/lag-counts.ts";
import type { WaitingItems } from "../troubles/waiting-items.ts";
import { registerDeferredGauge } from "./deferred-gauge.ts";
import { createMetrics } from "./metrics.ts";
import type { TypeLabels } from "./type-counts.ts";

export interface MetricsOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly types: TypeLabels;
  /** The items that wait now, by cause. */
  readonly waiting: () => readonly WaitingItems[];
  /** The value of the label `connector`; null, for no such label, when the process runs one connector. */
  readonly connector: string | null;
}

const drainEnds: readonly DrainEnd[] = [
  "complete",
  "incomplete",
  "stopped",
  "denied",
  "failed",
];

/**
 * The Prometheus metrics of one connector. They include the metrics of the process when it runs
 * no other connector.
 */
export class MetricsObserver implements Partial<Observer> {
  readonly registry = new Registry();
  readonly #metrics = createMetrics(this.registry);
  readonly #clock: Clock;
  readonly #types: TypeLabels;

  constructor({ version, clock, types, connector, waiting }: MetricsOptions) {
    registerDeferredGauge({ registry: this.registry, types, waiting });
    this.#clock = clock;
    this.#types = types;
    if (connector === null) collectDefaultMetrics({ register: this.registry });
    else this.registry.setDefaultLabels({ connector });
    this.#metrics.buildInfo.set({ version }, 1);
    for (const result of drainEnds) this.#metrics.drains.inc({ result }, 0);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Returns all metrics in Prometheus's text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  requested({ endpoint, status, throttled, durationMs }: RequestReport): void {
    this.#metrics.requests.inc({ endpoint, status });
    this.#metrics.requestSeconds.observe({ endpoint }, durationMs / 1_000);
    if (throttled) this.#metrics.throttled.inc();
  }

  sessionStarted({ totalCount }: Session): void {
    if (totalCount !== null) this.#metrics.queueRemaining.set(totalCount);
  }

  pageFetched({ countLeft, failedObjects }: Page): void {
    if (countLeft !== null) this.#metrics.queueRemaining.set(countLeft);
    for (const { type } of failedObjects)
      this.#metrics.failedObjects.inc({ type: this.#types.of(type) });
  }

  buffered({ items, bytes }: Held): void {
    this.#metrics.bufferedEvents.set(items);
    this.#metrics.bufferedBytes.set(bytes);
  }

  settled(outcomes: readonly Outcome[], publishMs: number): void {
    this.#metrics.publishSeconds.observe(publishMs / 1_000);
    const nowMs = this.#clock.epochMs();
    for (const outcome of outcomes) {
      const { item, fate } = outcome;
      const type = this.#types.of(item.type);
      if (fate.kind === "dead-lettered")
        this.#metrics.deadLettered.inc({ type, stage: fate.stage });
      else if (fate.kind === "superseded")
        this.#metrics.superseded.inc({ type });
      else if (fate.kind === "published" && item.kind === "change") {
        this.#metrics.published.inc({ type, op: item.op });
        const lag = lagMs(outcome, nowMs);
        if (lag === null) continue;
        this.#metrics.lagSeconds.observe(lag / 1_000);
        this.#metrics.lastLagSeconds.set({ type }, lag / 1_000);
      }
    }
  }

  acknowledged(keys: number): void {
    this.#metrics.acks.inc(keys);
  }

  unacknowledged(keys: number): void {
    this.#metrics.unacknowledged.set(keys);
  }

  sessionEnded({ end }: SessionReport): void {
    if (end === "drained") this.#metrics.queueRemaining.set(0);
  }

  drainEnded(result: DrainEnd): void {
    this.#metrics.drains.inc({ result });
    // The drain has dropped what it held and did not settle; Sell sends it again.
    this.buffered({ items: 0, bytes: 0 });
    this.unacknowledged(0);
    if (result !== "complete") return;
    this.#metrics.queueRemaining.set(0);
    this.#metrics.lastDrained.set(this.#clock.epochMs() / 1_000);
  }
}
