import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import { reasonOf } from "../../lib/text/reason-of.ts";
import type { Clock } from "../../lib/clock.ts";
import type {
  Attempt,
  DrainEnd,
  DrainProblem,
  Observer,
  RequestReport,
} from "../../domain/observer.ts";
import type { Session } from "../../domain/ports.ts";

const spanNames = {
  start: "start",
  queue: "fetch",
  ack: "ack",
  custom_fields: "custom fields",
} as const;

/** Creates a span for each drain, and within it one for each request to Sell. */
export class SpanObserver implements Partial<Observer> {
  readonly #tracer: Tracer;
  readonly #clock: Clock;
  #drain: Span | null = null;

  constructor(tracer: Tracer, clock: Clock) {
    this.#tracer = tracer;
    this.#clock = clock;
  }

  /** The parent of spans that belong to the running drain. */
  get context(): Context {
    return this.#drain === null
      ? ROOT_CONTEXT
      : trace.setSpan(ROOT_CONTEXT, this.#drain);
  }

  drainStarted(): void {
    this.#drain = this.#tracer.startSpan("drain", {}, ROOT_CONTEXT);
  }

  drainEnded(end: DrainEnd, problems: readonly DrainProblem[]): void {
    const drain = this.#drain;
    this.#drain = null;
    drain?.setAttribute("sell_kafka.drain.end", end);
    if (problems.length > 0)
      drain?.setStatus({
        code: SpanStatusCode.ERROR,
        message: problems.map(({ message }) => message).join("; "),
      });
    drain?.end();
  }

  sessionStarted({ id }: Session): void {
    this.#drain?.addEvent("session started", { "sell.session": id });
  }

  retrying(what: Attempt, error: unknown, failures: number): void {
    const reason = reasonOf(error);
    this.#drain?.addEvent("failed, trying again", { what, failures, reason });
  }

  requested({ endpoint, status, durationMs }: RequestReport): void {
    const endMs = this.#clock.epochMs();
    const span = this.#tracer.startSpan(
      spanNames[endpoint],
      {
        kind: SpanKind.CLIENT,
        startTime: endMs - durationMs,
        attributes: status === 0 ? {} : { "http.response.status_code": status },
      },
      this.context,
    );
    if (status === 0 || status >= 400)
      span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endMs);
  }
}
