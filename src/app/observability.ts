import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import { observers, type Observer } from "../domain/observer.ts";
import { systemClock } from "../lib/clock.ts";
import { DrainLog } from "../observe/log/drain-log.ts";
import { LogObserver } from "../observe/log/log-observer.ts";
import { TroubleLog } from "../observe/log/trouble-log.ts";
import { ConnectorTroubles } from "../observe/troubles/connector-troubles.ts";
import type { ServedConnector } from "../observe/connector-telemetry.ts";
import type {
  ExportCertificates,
  SpanExport,
} from "../observe/traces/span-export.ts";
import type { Tracing } from "../observe/traces/tracing.ts";
import { isProxied, proxiesOf, usableFor } from "../security/proxies.ts";
import { version } from "../version.ts";
import type { AppContext } from "./context/app-context.ts";
import { UsageError } from "./usage-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The log, HTTP server and traces of a connector. */
export interface Observability extends AsyncDisposable {
  /** Feeds all three. */
  readonly observer: Observer;
  /** Null without traces. */
  readonly tracing: Tracing | null;
  /** The address of the status page; null when nothing is served. */
  readonly url: string | null;
  /** True when health is served over HTTP. */
  readonly isServed: boolean;
}

export interface ObservabilityOptions {
  readonly toKafka: boolean;
  /** True for a command that tells itself what its only drain ended with. */
  readonly isOneDrain: boolean;
  readonly stopping: AbortSignal;
}

/** Starts what the configuration and the environment ask for, before Sell or Kafka is reached. */
export async function startObservability(
  app: AppContext,
  { toKafka, isOneDrain, stopping }: ObservabilityOptions,
  env: Environment,
): Promise<Observability> {
  const { config, logger, clock } = app;
  const teller = new TroubleLog({ logger, clock, isOneDrain });
  const troubles = new ConnectorTroubles({ config, clock, toKafka, teller });
  const server = await startServer(app, troubles, { toKafka, stopping });
  let spans: SpanExport | null = null;
  try {
    spans = await startSpanExport(logger, env);
  } catch (error) {
    await server?.[Symbol.asyncDispose]();
    throw error;
  }
  const tracing = spans?.tracing(config.name) ?? null;
  return {
    observer: observers(
      new LogObserver(logger),
      new DrainLog(logger, clock),
      troubles.observer,
      ...(server?.observers ?? []),
      tracing?.observer ?? {},
    ),
    tracing,
    url: server?.url ?? null,
    isServed: server !== null,
    async [Symbol.asyncDispose]() {
      await spans?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

/** The HTTP server, when `server` is configured. */
async function startServer(
  { config, logger, clock }: AppContext,
  troubles: ConnectorTroubles,
  { toKafka, stopping }: Pick<ObservabilityOptions, "toKafka" | "stopping">,
): Promise<ServedConnector | null> {
  const { server: address } = config;
  if (address === undefined) return null;
  const { serveConnector } = await import("../observe/connector-telemetry.ts");
  return serveConnector({
    config,
    address,
    logger,
    clock,
    version,
    toKafka,
    troubles,
    stopping,
  });
}

/** In the order in which the OpenTelemetry specification has them looked up. */
const ENDPOINTS = [
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
] as const;

/** The export of traces, when the environment names an endpoint for them; else null, and its libraries are not loaded. */
export async function startSpanExport(
  logger: Logger,
  env: Environment,
): Promise<SpanExport | null> {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return null;
  if (env["OTEL_TRACES_EXPORTER"] === "none") return null;
  const variable = ENDPOINTS.find((one) => (env[one] ?? "") !== "");
  if (variable === undefined) return null;
  const url = URL.parse(env[variable] ?? "");
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(
      `${variable} must be an http:// or https:// address, such as http://localhost:4318`,
    );
  const { SpanExport: Started } =
    await import("../observe/traces/span-export.ts");
  logger.info({ host: url.host }, "sending traces by OTLP over HTTP");
  const proxies = usableFor(url.href, proxiesOf(env));
  const agent = isProxied(proxies)
    ? { ...(await readCertificates(env)), proxies }
    : null;
  return new Started({ version, clock: systemClock, logger, agent });
}

/** Reads the certificate files, which the exporter reads itself when it has no agent. */
async function readCertificates(env: Environment): Promise<ExportCertificates> {
  const read = async (name: string): Promise<string | undefined> => {
    const path =
      env[`OTEL_EXPORTER_OTLP_TRACES_${name}`] ??
      env[`OTEL_EXPORTER_OTLP_${name}`];
    if (path === undefined || path === "") return undefined;
    try {
      return await readFile(path, "utf8");
    } catch {
      throw new UsageError(
        `the file that OTEL_EXPORTER_OTLP_${name} names can't be read`,
      );
    }
  };
  return {
    ca: await read("CERTIFICATE"),
    cert: await read("CLIENT_CERTIFICATE"),
    key: await read("CLIENT_KEY"),
  };
}
