import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

/**
 * An exporter that tells the log once when spans can't be sent, and once when they can again.
 * What the collector says stays out of it: that may echo the headers it was sent.
 */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  #isAway = false;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(...[spans, done]: Parameters<SpanExporter["export"]>): void {
    this.#exporter.export(spans, (result) => {
      if (result.error === undefined) this.#succeeded();
      else this.#failed(result.error);
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #succeeded(): void {
    if (this.#isAway) this.#logger.info("traces are sent again");
    this.#isAway = false;
  }

  #failed(error: Error): void {
    if (this.#isAway) return;
    this.#isAway = true;
    const { code } = error as { code?: unknown };
    const reason =
      typeof code === "number"
        ? `the collector answers ${code}`
        : code === "ERR_PROXY_TUNNEL"
          ? "the proxy that HTTPS_PROXY or HTTP_PROXY names refuses to connect to the collector"
          : typeof code === "string"
            ? code
            : "no answer in time, or one that asks to try later";
    this.#logger.warn({ reason }, "traces can't be sent");
  }
}
