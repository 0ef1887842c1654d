import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import type {
  ExportCertificates,
  SpanExport,
} from "../observe/traces/span-export.ts";
import { systemClock } from "../lib/clock.ts";
import { isProxied, proxiesOf, usableFor } from "../security/proxies.ts";
import { version } from "../version.ts";
import { UsageError, type Context } from "./context.ts";

/** In the order in which the OpenTelemetry specification has them looked up. */
const ENDPOINTS = [
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
] as const;

type Environment = Context["env"];

/** The files that the exporter reads itself, as long as it makes its own connections. */
async function certificatesOf(env: Environment): Promise<ExportCertificates> {
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

/** Traces, when the environment names an endpoint for them; else null, and nothing of it is loaded. */
export async function spanExportOf(
  logger: Logger,
  { env }: Context,
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
    ? { ...(await certificatesOf(env)), proxies }
    : null;
  return new Started({ version, clock: systemClock, logger, agent });
}
