import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

/**
 * Longer than the exporter itself takes when a collector is silent (10 s, or what the environment
 * says): it waits for ever for an answer that never ends. Shorter than the processor waits (30 s).
 */
const EXPORT_WITHIN_MS = 25_000;

/**
 * An exporter that tells the log once when spans can't be sent, and once when they can again.
 * What the collector says stays out of it: that may echo the headers it was sent.
 */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  #isAway = false;
  #isEnded = false;
  /** Spans that are being sent. */
  #pending = 0;
  /** Spans that were not sent since the collector is away. */
  #lost = 0;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(...[spans, done]: Parameters<SpanExporter["export"]>): void {
    let isTold = false;
    const tell = (error: Error | undefined) => {
      if (isTold) return;
      isTold = true;
      this.#pending -= spans.length;
      if (error === undefined) this.#succeeded();
      else this.#failed(safeReason(error), spans.length);
    };
    // The processor itself goes on after 30 s.
    const late = setTimeout(() => {
      tell(new Error("no whole answer in time"));
    }, EXPORT_WITHIN_MS).unref();
    this.#pending += spans.length;
    this.#exporter.export(spans, (result) => {
      clearTimeout(late);
      tell(result.error);
      done(result);
    });
  }

  /** What has not been sent by now never is, and nothing more is told. */
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

/** Why spans can't be sent, without any text of the collector. */
function safeReason(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === "number") return `the collector answers ${code}`;
  if (code === "ERR_PROXY_TUNNEL")
    return "the proxy that HTTPS_PROXY or HTTP_PROXY names refuses to connect to the collector";
  return typeof code === "string"
    ? code
    : "no answer in time, or one that asks to try later";
}
