import { isOf } from "../../domain/supervision.ts";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { FleetStatus } from "../status/fleet-status.ts";
import { registerConnectorReady } from "./readiness-gauge.ts";

type FleetFacts = Pick<
  FleetStatus,
  "connectors" | "instance" | "ready" | "troubles"
>;

/** The metrics of a process with many connectors; the label `connector` tells their series apart. */
export class FleetMetrics {
  readonly #own = new Registry();
  readonly #connectors: () => readonly Registry[];

  constructor(status: () => FleetFacts, connectors: () => readonly Registry[]) {
    this.#connectors = connectors;
    const registers = [this.#own];
    collectDefaultMetrics({ register: this.#own });
    new Gauge({
      name: "sell_kafka_connectors",
      help: "Connectors of the folder, by where they are.",
      labelNames: ["state"],
      registers,
      collect() {
        this.reset();
        for (const state of states) this.set({ state }, 0);
        for (const { state } of status().connectors) this.inc({ state });
      },
    });
    registerConnectorReady(this.#own, () => {
      const { connectors, instance } = status();
      return connectors.filter((one) => isOf(instance, one));
    });
    new Gauge({
      name: "sell_kafka_process_ready",
      help: "1 while the folder can be read, some file of it is accepted, the group is joined, and one of the connectors here, if there are any, is ready; else 0.",
      registers,
      collect() {
        this.set(status().ready ? 1 : 0);
      },
    });
    new Gauge({
      name: "sell_kafka_config_refused",
      help: "1 for each file of the folder that is not accepted as it is now; `other` counts those after the first 100.",
      labelNames: ["file"],
      registers,
      collect() {
        this.reset();
        const files = status().troubles.filter(
          ({ code }) => code === "file" || code === "cluster-file",
        );
        for (const [place, { subject }] of files.entries())
          this.inc({
            file: place < MOST_FILES ? (subject ?? "other") : "other",
          });
      },
    });
  }

  get contentType(): string {
    return this.#own.contentType;
  }

  /**
   * Returns all metrics in Prometheus's text format, which requires that the series of one name
   * stand together, below one head.
   */
  async text(): Promise<string> {
    const registries = this.#connectors();
    const names = new Set(
      registries.flatMap((one) =>
        one.getMetricsAsArray().map(({ name }) => name),
      ),
    );
    const groups: string[] = [];
    for (const name of names) {
      const texts = await Promise.all(
        registries.map((one) => one.getSingleMetricAsString(name)),
      );
      const [head = "", ...rest] = texts;
      groups.push([head, ...rest.flatMap(withoutHead)].join("\n"));
    }
    return `${[await this.#own.metrics(), ...groups].join("\n")}\n`;
  }
}

const MOST_FILES = 100;
const states = ["running", "stopping", "failed", "waiting", "elsewhere"];

/** Removes the `# HELP` and `# TYPE` lines. Returns nothing for a metric without series. */
function withoutHead(text: string): string[] {
  const series = text.replace(/^#.*(\n|$)/gm, "");
  return series === "" ? [] : [series];
}
