import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { AppContext } from "../../../app/context/app-context.ts";
import { parseConfig } from "../../../config/load-config.ts";
import type { LocalStack } from "../../../local/way.ts";
import type { Simulator } from "../../../simulator/server.ts";

/** No Kafka listens there, and nothing asks for one when the changes are printed. */
const NOWHERE = { brokers: ["127.0.0.1:9092"], isShared: false };

/** Opens the demo's own configuration. On a cluster that others use too, the demo has topics of its own. */
export async function openDemoApp(
  simulator: Simulator,
  stack: LocalStack | null,
  logger: Logger,
): Promise<AppContext> {
  const { brokers, isShared } = stack ?? NOWHERE;
  const suffix = randomBytes(4).toString("hex");
  const config = await parseConfig(
    JSON.stringify({
      name: isShared ? `demo-${suffix}` : "demo",
      sell: {
        baseUrl: simulator.url,
        accessToken: randomBytes(32).toString("hex"),
        pollIntervalMs: 1_000,
      },
      kafka: { brokers },
      server: { port: 0 },
      topics: { pattern: isShared ? "{name}.{type}" : "sell.{type}" },
    }),
    "the demo's configuration",
    {},
  );
  return AppContext.fromConfig(config, { logger });
}
