import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  TracerProvider,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { Clock } from "../../lib/clock.ts";
import type { Proxies } from "../../security/proxies.ts";
import { trustSystemAuthorities } from "../../security/tls-options.ts";
import { Tracing } from "./tracing.ts";
import { OutageLoggingExporter } from "./outage-logging-exporter.ts";

/** Bounds the wait for an absent collector, because a process has two seconds to end. */
const FLUSH_WITHIN_MS = 1_000;
/** At shutdown the processor sends all waiting batches at once, four at most. */
const MOST_EXPORTS = 4;

/** Texts in PEM format. */
export interface ExportCertificates {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface SpanExportOptions {
  /** Proxy and certificates for the collector; null leaves both to the exporter. */
  readonly agent: (ExportCertificates & { readonly proxies: Proxies }) | null;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

function toAgentOptions(agent: SpanExportOptions["agent"]) {
  if (agent === null) return {};
  const { proxies, ...certificates } = agent;
  const { http, https, none } = proxies;
  const proxyEnv = {
    HTTP_PROXY: http,
    HTTPS_PROXY: https === "" ? http : https,
    NO_PROXY: none,
  };
  return { httpAgentOptions: { ...certificates, keepAlive: true, proxyEnv } };
}

/**
 * Sends the spans of all connectors of a process by OTLP over HTTP, to the collector that the
 * standard `OTEL_EXPORTER_OTLP_*` variables of the environment name.
 */
export class SpanExport implements AsyncDisposable {
  readonly #options: SpanExportOptions;
  readonly #exporter: OutageLoggingExporter;
  readonly #processor: SpanProcessor;

  constructor(options: SpanExportOptions) {
    this.#options = options;
    trustSystemAuthorities();
    this.#exporter = new OutageLoggingExporter(
      new OTLPTraceExporter({
        ...toAgentOptions(options.agent),
        concurrencyLimit: MOST_EXPORTS,
      }),
      options.logger,
    );
    this.#processor = new BatchSpanProcessor({ exporter: this.#exporter });
  }

  /** Creates the tracing of a connector; its spans carry the connector's name. It needs no disposal. */
  tracing(connector: string): Tracing {
    const { version, clock } = this.#options;
    const provider = new TracerProvider({
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
      spanProcessors: [this.#processor],
    });
    return new Tracing(provider.getTracer("sell-kafka", version), clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const over = new AbortController();
    const late = this.#options.clock.sleep(FLUSH_WITHIN_MS, over.signal);
    const flushed = this.#processor.shutdown().catch(() => undefined);
    await Promise.race([flushed, late]);
    this.#exporter.end();
    over.abort();
    await late.catch(() => undefined);
  }
}
