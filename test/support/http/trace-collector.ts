import type {
  IncomingHttpHeaders,
  IncomingMessage,
  ServerResponse,
} from "node:http";
import protobuf from "protobufjs";
import { LocalServer } from "./local-server.ts";

/** The part of OpenTelemetry's trace protocol that the tests look at. */
const protocol = protobuf.parse(`
  syntax = "proto3";
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    bytes parent_span_id = 4;
    string name = 5;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9;
    Status status = 15;
  }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string text = 1; bool flag = 2; int64 whole = 3; double real = 4; } }
`).root;

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

interface WireSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly status: { readonly message: string; readonly code: number } | null;
}

export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentId: string;
  readonly durationMs: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of what made it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

type Answer = (response: ServerResponse, of: TraceCollector) => void;

/** A collector that takes traces by OTLP over HTTP, as protobuf. */
export class TraceCollector extends LocalServer {
  readonly spans: CollectedSpan[] = [];
  /** What came, byte for byte. */
  readonly bodies: Buffer[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  readonly paths: string[] = [];
  readonly #answer: Answer;

  private constructor(answer: Answer) {
    super();
    this.#answer = answer;
  }

  static async start(
    answer: Answer = (response) => response.end(),
  ): Promise<TraceCollector> {
    const collector = new TraceCollector(answer);
    await collector.listen();
    return collector;
  }

  protected override serve(
    { headers, url = "" }: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void {
    this.bodies.push(body);
    this.headers.push(headers);
    this.paths.push(url);
    this.spans.push(...spansIn(body));
    this.#answer(response, this);
  }

  named(name: string): CollectedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }
}

function spansIn(body: Buffer): CollectedSpan[] {
  const type = protocol.lookupType("Traces");
  const { resourceSpans } = type.toObject(type.decode(body), {
    longs: String,
    defaults: true,
    arrays: true,
  }) as Traces;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        name: span.name,
        traceId: span.traceId.toString("hex"),
        spanId: span.spanId.toString("hex"),
        parentId: span.parentSpanId.toString("hex"),
        durationMs:
          Number(
            BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano),
          ) / 1e6,
        isError: span.status?.code === 2,
        attributes: valuesOf(span.attributes),
        resource: valuesOf(resource.attributes),
      })),
  );
}

function valuesOf(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value: { text, flag, whole, real } }) => [
      key,
      text ?? flag ?? (whole === undefined ? real : Number(whole)),
    ]),
  );
}
