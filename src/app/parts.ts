import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Logger } from "pino";
import type { Config } from "../config/definition/config.ts";
import { createEncoder } from "../format/create-encoder.ts";
import type { Encoder } from "../format/encoder.ts";
import { loadClusterId, createKafka } from "../kafka/client/connection.ts";
import { Router } from "../publish/router.ts";
import { Topics } from "../publish/topics.ts";
import type { Clock } from "../lib/clock.ts";
import { DeniedFault } from "../domain/faults.ts";
import type { RequestReport } from "../domain/observer.ts";
import { SellClient } from "../sell/client.ts";
import { deviceUuid } from "../sell/device.ts";
import { RateLimiter } from "../sell/rate-limiter.ts";
import { JOURNAL_TOPIC, ownTopics } from "../lib/kafka-topics.ts";

export function kafkaOf(
  { kafka: { brokers, clientId, ssl, sasl } }: Pick<Config, "kafka">,
  logger: Logger,
): Kafka {
  return createKafka({
    brokers,
    clientId,
    ssl,
    sasl,
    debug: (message, facts) => {
      logger.debug(facts, message);
    },
  });
}

export function topicsOf(
  config: Config,
  kafka: Kafka,
  clock: Clock,
  retrying: (error: unknown, failures: number) => void,
): Topics {
  const { deadLetterTopic } = config.delivery;
  const router = routerOf(config);
  return new Topics({
    ...config.topics,
    isTarget: (topic) => router.isTarget(topic),
    kafka,
    clock,
    deadLetterTopic,
    journalTopic: JOURNAL_TOPIC,
    retrying,
  });
}

export function routerOf(config: Config): Router {
  return new Router({
    connectorName: config.name,
    pattern: config.topics.pattern,
    reserved: [config.delivery.deadLetterTopic, ...ownTopics],
  });
}

export function sellClientOf(
  config: Config,
  device: string,
  version: string,
  clock: Clock,
  onRequest: (request: RequestReport) => void,
  limiter = new RateLimiter(config.sell.requestsPerSecond, clock),
): SellClient {
  const { sell } = config;
  return new SellClient({
    ...sell,
    deviceUuid: device,
    // Besides the readers of a session, one acknowledgement may be under way.
    connections: sell.parallelFetches + 1,
    userAgent: `sell-kafka/${version} (Node.js)`,
    limiter,
    clock,
    onRequest,
  });
}

export function encoderOf(
  config: Config,
  device: string,
  version: string,
  clock: Clock,
): Encoder {
  return createEncoder({
    ...config.format,
    schemaRegistry: config.schemaRegistry,
    topicPerType: config.topics.pattern.includes("{type}"),
    origin: { version, connectorName: config.name, device },
    clock,
  });
}

/** The device UUID of a connector on a cluster, or why it has none. */
export function identityOf(
  config: Config,
  clusterId: string | null,
): { device: string } | { device: null; problem: string } {
  const { sell, name, topics } = config;
  if (sell.deviceUuid !== undefined) return { device: sell.deviceUuid };
  if (clusterId === null)
    return {
      device: null,
      problem:
        "the Kafka cluster reports no id, from which the device UUID is derived; set sell.deviceUuid to a UUID of your own and never change it",
    };
  const { pattern: topicsPattern } = topics;
  const identity = { clusterId, name, topicsPattern, epoch: sell.epoch };
  return { device: deviceUuid(identity) };
}

/** The device UUID of a connector. Throws a DeniedFault when it has none. One attempt. */
export async function deviceOf(
  config: Config,
  kafka: Kafka,
  signal: AbortSignal,
): Promise<string> {
  const clusterId =
    config.sell.deviceUuid === undefined
      ? await loadClusterId(kafka, signal)
      : null;
  const identity = identityOf(config, clusterId);
  if (identity.device === null) throw new DeniedFault(identity.problem);
  return identity.device;
}
