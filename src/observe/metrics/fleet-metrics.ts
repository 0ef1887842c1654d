import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { FleetStatus } from "../status/fleet-status.ts";

/** The figures of a process with many connectors, each with its own under the label `connector`. */
export class FleetMetrics {
  readonly #own = new Registry();
  readonly #parts: () => readonly Registry[];

  constructor(status: () => FleetStatus, parts: () => readonly Registry[]) {
    this.#parts = parts;
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

  /** All figures in Prometheus's text format, which wants those of one name together. */
  async text(): Promise<string> {
    const parts = this.#parts();
    const names = new Set(
      parts.flatMap((part) => part.getMetricsAsArray().map(({ name }) => name)),
    );
    const groups: string[] = [];
    for (const name of names) {
      const texts = await Promise.all(
        parts.map((part) => part.getSingleMetricAsString(name)),
      );
      const [head = "", ...rest] = texts;
      groups.push([head, ...rest.flatMap(withoutHead)].join("\n"));
    }
    return `${[await this.#own.metrics(), ...groups].join("\n")}\n`;
  }
}

const states = ["running", "stopping", "failed", "waiting", "elsewhere"];

/** What is said of a name is said once. One that has no figures yet has nothing else. */
function withoutHead(text: string): string[] {
  const figures = text.replace(/^#.*(\n|$)/gm, "");
  return figures === "" ? [] : [figures];
}
