import type { Attributes, Span, Tracer } from "@opentelemetry/api";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { reasonOf } from "../../lib/text/reason-of.ts";
import type { Item } from "../../domain/change.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Observer } from "../../domain/observer.ts";
import type { Publisher } from "../../domain/ports.ts";
import type { Settled } from "../../domain/settled.ts";
import { wrapPublisher } from "../../domain/wrap-publisher.ts";
import { SpanObserver } from "./span-observer.ts";

/** Creates the spans of one connector. */
export class Tracing {
  readonly #tracer: Tracer;
  readonly #spans: SpanObserver;
  #publishing: Span | null = null;

  constructor(tracer: Tracer, clock: Clock) {
    this.#tracer = tracer;
    this.#spans = new SpanObserver(tracer, clock);
  }

  get observer(): Partial<Observer> {
    return this.#spans;
  }

  /** Returns the W3C trace context of the running publication, as headers of its records. */
  readonly headers = (): Readonly<Record<string, string>> => {
    const context = this.#publishing?.spanContext();
    if (context === undefined) return {};
    const { traceId, spanId, traceFlags } = context;
    const flags = traceFlags.toString(16).padStart(2, "0");
    return { traceparent: `00-${traceId}-${spanId}-${flags}` };
  };

  /** Returns the same publisher, with a span for each publication. */
  traced(publisher: Publisher): Publisher {
    return wrapPublisher(publisher, {
      publish: (publish, items) => this.#publish(items, publish),
    });
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
      span.setAttributes(countFates(settled));
      return settled;
    } catch (error) {
      const message = reasonOf(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      this.#publishing = null;
      span.end();
    }
  }
}

/** Counts the items by fate. */
function countFates({ outcomes }: Settled): Attributes {
  const counts: Record<string, number> = {};
  for (const { fate } of outcomes) {
    const name = `sell_kafka.${fate.kind.replace("-", "_")}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
