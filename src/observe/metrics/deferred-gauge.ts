import { Gauge, type Registry } from "prom-client";
import type { WaitingItems } from "../troubles/waiting-items.ts";
import type { TypeLabels } from "./type-counts.ts";

export interface DeferredGaugeOptions {
  readonly registry: Registry;
  readonly types: TypeLabels;
  /** The items that wait now, by cause. */
  readonly waiting: () => readonly WaitingItems[];
}

/** Registers the gauge of the items that wait when the metrics are read. */
export function registerDeferredGauge({
  registry,
  types,
  waiting,
}: DeferredGaugeOptions): void {
  new Gauge({
    name: "sell_kafka_deferred_events",
    help: "Items that wait, because their topic or schema takes none, by the cause.",
    labelNames: ["type", "code"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { deferral } of waiting())
        for (const [type, items] of deferral.itemsByType)
          this.inc({ type: types.of(type), code: deferral.why.code }, items);
    },
  });
}
