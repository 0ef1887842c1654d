import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { FleetStatus } from "../status/fleet-status.ts";

/** The metrics of a process with many connectors; the label `connector` tells their series apart. */
export class FleetMetrics {
  readonly #own = new Registry();
  readonly #connectors: () => readonly Registry[];

  constructor(
    status: () => FleetStatus,
    connectors: () => readonly Registry[],
  ) {
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
    new Gauge({
      name: "sell_kafka_connector_ready",
      help: "1 while a connector that runs here is ready, else 0.",
      labelNames: ["connector"],
      registers,
      collect() {
        this.reset();
        for (const { name, state, ready } of status().connectors)
          if (state !== "elsewhere")
            this.set({ connector: name }, ready ? 1 : 0);
      },
    });
    new Gauge({
      name: "sell_kafka_config_refused",
      help: "1 for each file of the folder that is not accepted as it is now.",
      labelNames: ["file"],
      registers,
      collect() {
        this.reset();
        for (const { code, subject } of status().troubles)
          if (code === "file" && subject !== null)
            this.set({ file: subject }, 1);
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

const states = ["running", "stopping", "failed", "waiting", "elsewhere"];

/** Removes the `# HELP` and `# TYPE` lines. Returns nothing for a metric without series. */
function withoutHead(text: string): string[] {
  const series = text.replace(/^#.*(\n|$)/gm, "");
  return series === "" ? [] : [series];
}
