import type { Attributes, Span, Tracer } from "@opentelemetry/api";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { Item } from "../pipeline/change.ts";
import type { Clock } from "../pipeline/clock.ts";
import type { Observer } from "../pipeline/observer.ts";
import type { Sink } from "../pipeline/ports.ts";
import type { Settled } from "../pipeline/settled.ts";
import { SpanObserver } from "./span-observer.ts";
import { WatchedExporter } from "./watched-exporter.ts";

/** A collector that is away must not keep a connector from ending. */
const FLUSH_WITHIN_MS = 2_000;

export interface TracingOptions {
  readonly connector: string;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Spans of a connector's work, sent by OTLP over HTTP to where the standard `OTEL_EXPORTER_OTLP_*`
 * variables of the environment say.
 */
export class Tracing implements AsyncDisposable {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #spans: SpanObserver;
  readonly #clock: Clock;
  #publishing: Span | null = null;

  constructor({ connector, version, clock, logger }: TracingOptions) {
    const exporter = new WatchedExporter(new OTLPTraceExporter(), logger);
    this.#provider = new TracerProvider({
      resource: defaultResource()
        .merge(
          resourceFromAttributes({
            "service.name": "sell-kafka",
            "service.version": version,
            "sell_kafka.connector": connector,
          }),
        )
        .merge(
          detectResources({
            detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector],
          }),
        ),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    });
    this.#tracer = this.#provider.getTracer("sell-kafka", version);
    this.#spans = new SpanObserver(this.#tracer, clock);
    this.#clock = clock;
  }

  get observer(): Partial<Observer> {
    return this.#spans;
  }

  /** The W3C context of the publication under way, as headers of its records. */
  readonly headers = (): Readonly<Record<string, string>> => {
    const context = this.#publishing?.spanContext();
    if (context === undefined) return {};
    const { traceId, spanId, traceFlags } = context;
    const flags = traceFlags.toString(16).padStart(2, "0");
    return { traceparent: `00-${traceId}-${spanId}-${flags}` };
  };

  /** The same sink, with a span for each publication. */
  traced(sink: Sink): Sink {
    return {
      publish: (items, signal) =>
        this.#publish(items, () => sink.publish(items, signal)),
      ...(sink.recover && { recover: sink.recover.bind(sink) }),
      ...(sink.ready && { ready: sink.ready.bind(sink) }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const over = new AbortController();
    const late = this.#clock.sleep(FLUSH_WITHIN_MS, over.signal);
    const flushed = this.#provider.shutdown().catch(() => undefined);
    await Promise.race([flushed, late]);
    over.abort();
    await late.catch(() => undefined);
  }

  async #publish(
    items: readonly Item[],
    publish: () => Promise<Settled>,
  ): Promise<Settled> {
    const span = this.#tracer.startSpan(
      "publish",
      {
        kind: SpanKind.PRODUCER,
        attributes: {
          "messaging.system": "kafka",
          "messaging.operation.type": "send",
          "messaging.batch.message_count": items.length,
        },
      },
      this.#spans.context,
    );
    this.#publishing = span;
    try {
      const settled = await publish();
      span.setAttributes(fatesOf(settled));
      return settled;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      this.#publishing = null;
      span.end();
    }
  }
}

/** How many items met each fate. */
function fatesOf({ outcomes }: Settled): Attributes {
  const counts: Record<string, number> = {};
  for (const { fate } of outcomes) {
    const name = `sell_kafka.${fate.kind.replace("-", "_")}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
