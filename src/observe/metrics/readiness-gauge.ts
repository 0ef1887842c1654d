import { Gauge, type Registry } from "prom-client";

interface Line {
  readonly name: string;
  readonly ready: boolean;
}

/** Registers `sell_kafka_connector_ready`, which asks for the connectors at each scrape. */
export function registerConnectorReady(
  registry: Registry,
  connectors: () => readonly Line[],
): void {
  new Gauge({
    name: "sell_kafka_connector_ready",
    help: "1 while a connector that runs here is ready, else 0.",
    labelNames: ["connector"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, ready } of connectors())
        this.set({ connector: name }, ready ? 1 : 0);
    },
  });
}
