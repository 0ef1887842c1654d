import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

/**
 * Ends the wait for a response that never ends, for which the exporter has no limit. Longer than
 * the exporter waits for a silent collector (10 s by default), shorter than the processor (30 s).
 */
const EXPORT_WITHIN_MS = 25_000;

/**
 * Logs once when spans can't be sent, and once when they can again. It never logs text from the
 * collector, because that may repeat the headers of the request.
 */
export class OutageLoggingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  #isAway = false;
  #isEnded = false;
  /** Spans that are being sent now. */
  #pending = 0;
  /** Spans lost since the start of the outage. */
  #lost = 0;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(...[spans, done]: Parameters<SpanExporter["export"]>): void {
    let isReported = false;
    const report = (error: Error | undefined) => {
      if (isReported) return;
      isReported = true;
      this.#pending -= spans.length;
      if (error === undefined) this.#succeeded();
      else this.#failed(safeReason(error), spans.length);
    };
    const late = setTimeout(() => {
      report(new Error("no whole answer in time"));
    }, EXPORT_WITHIN_MS).unref();
    this.#pending += spans.length;
    this.#exporter.export(spans, (result) => {
      clearTimeout(late);
      report(result.error);
      done(result);
    });
  }

  /** Counts the spans that are still being sent as lost, and logs nothing from then on. */
  end(): void {
    if (this.#pending > 0)
      this.#failed("it took no spans before the end", this.#pending);
    this.#isEnded = true;
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #succeeded(): void {
    if (this.#isEnded) return;
    if (this.#isAway)
      this.#logger.info({ lostSpans: this.#lost }, "traces are sent again");
    this.#isAway = false;
    this.#lost = 0;
  }

  #failed(reason: string, spans: number): void {
    this.#lost += spans;
    if (this.#isAway || this.#isEnded) return;
    this.#isAway = true;
    this.#logger.warn({ reason, lostSpans: spans }, "traces can't be sent");
  }
}

/** Returns why spans can't be sent, without any text from the collector. */
function safeReason(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === "number") return `the collector answers ${code}`;
  if (code === "ERR_PROXY_TUNNEL")
    return "the proxy that HTTPS_PROXY or HTTP_PROXY names refuses to connect to the collector";
  return typeof code === "string"
    ? code
    : "no answer in time, or one that asks to try later";
}
