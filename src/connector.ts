import type { Kafka } from "kafkajs";
import type { Logger } from "pino";
import type { Config } from "./config/config.ts";
import type { Encoder } from "./format/encoder.ts";
import { Registry } from "./format/avro/registry.ts";
import { createEncoder } from "./format/create-encoder.ts";
import { atLeastOnce, exactlyOnce } from "./delivery.ts";
import { clusterIdOf, connectTo } from "./kafka/connection.ts";
import { JOURNAL_TOPIC } from "./kafka/journal.ts";
import type { PublisherOptions } from "./kafka/publisher.ts";
import { Router } from "./kafka/route.ts";
import { Topics } from "./kafka/topics.ts";
import { Acknowledger } from "./pipeline/acknowledger.ts";
import { Backoff } from "./pipeline/backoff.ts";
import type { Clock } from "./pipeline/clock.ts";
import {
  drain,
  type DrainOptions,
  type DrainResult,
} from "./pipeline/drain.ts";
import type { Signals } from "./pipeline/drain-session.ts";
import { DeniedFault } from "./pipeline/faults.ts";
import { heartbeat, type HeartbeatOptions } from "./pipeline/heartbeat.ts";
import type { Tracing } from "./observe/tracing.ts";
import type { Observer, RequestReport } from "./pipeline/observer.ts";
import { poll } from "./pipeline/poller.ts";
import type { Sink } from "./pipeline/ports.ts";
import { SellClient } from "./sell/client.ts";
import { deviceUuid, printingDeviceUuid } from "./sell/device.ts";
import { RateLimiter } from "./sell/rate-limiter.ts";

/** A probe that asks whether the connector is ready gets an answer that is no older. */
const HEARTBEAT_MS = 10_000;

/** The program's own topics, besides the one for dead letters. */
const RESERVED_TOPICS = [JOURNAL_TOPIC, "sell-kafka.cluster"];

export interface ConnectorOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly version: string;
  /** Missing when nobody wants traces. */
  readonly tracing?: Tracing | null;
}

/** One account's way from Sell to its sink; owns everything that it has opened. */
export interface Connector extends AsyncDisposable {
  readonly device: string;
  readonly requests: RequestCounter;
  /** One complete drain. Rejects with a DeniedFault or the reason of `givingUp`. */
  drain(signals: Signals): Promise<DrainResult>;
  /** Drains again and again until `stopping`. Rejects with the reason of `givingUp`. */
  poll(signals: Signals): Promise<void>;
}

/** Counts what was asked of Sell, retries too. */
export class RequestCounter {
  sent = 0;
  throttled = 0;

  count(request: { readonly throttled: boolean }): void {
    this.sent++;
    if (request.throttled) this.throttled++;
  }
}

/**
 * Connects to Kafka, and to Sell under the device that Kafka's cluster id tells. Waits for
 * Kafka as long as it takes; rejects with the signal's reason, or a DeniedFault.
 */
export async function connectToKafka(
  options: ConnectorOptions,
  signal: AbortSignal,
): Promise<Connector> {
  const { config, logger, clock, observer } = options;
  const kafka = kafkaOf(config, logger);
  const device = await deviceOf(options, kafka, signal);
  const router = routerOf(config);
  const { deadLetterTopic } = config.delivery;
  const retrying: PublisherOptions["retrying"] = (what, error, failures) => {
    observer.retrying(what, error, failures);
  };
  const topics = topicsOf(config, kafka, clock, (error, failures) => {
    retrying("publish", error, failures);
  });
  const publishing = {
    encoder: encoderOf(options, device),
    router,
    topics,
    clock,
    connectorName: config.name,
    deadLetterTopic,
    retrying,
    compression: config.kafka.compression,
    ...(options.tracing && { batchHeaders: options.tracing.headers }),
  };
  const delivery =
    config.delivery.guarantee === "exactly-once"
      ? exactlyOnce(kafka, device, publishing)
      : atLeastOnce(kafka, publishing);
  observer.connected(device);
  const disconnected = new AbortController();
  if (config.server !== undefined)
    void heartbeat(
      {
        servers: serversOf(config, kafka),
        clock,
        observer,
        everyMs: HEARTBEAT_MS,
      },
      disconnected.signal,
    );
  return connectorOf(options, device, delivery.sink, {
    rest: delivery.rest,
    dispose: () => {
      disconnected.abort();
    },
    acknowledges: true,
  });
}

/** Connects to Sell alone: what it sends goes to `sink`, and none of it is ever acknowledged. */
export function connectToPrinter(
  options: ConnectorOptions,
  makeSink: (parts: { encoder: Encoder; router: Router }) => Sink,
): Connector {
  const { config } = options;
  const device =
    config.sell.deviceUuid ??
    printingDeviceUuid(config.name, config.sell.epoch);
  const encoder = encoderOf(options, device);
  const sink = makeSink({ encoder, router: routerOf(config) });
  options.observer.connected(device);
  return connectorOf(options, device, sink, {
    rest: () => Promise.resolve(),
    dispose: () => undefined,
    acknowledges: false,
  });
}

/** How to ask whether the servers are there that a publisher needs. */
function serversOf(
  { format, schemaRegistry }: Config,
  kafka: Kafka,
): HeartbeatOptions["servers"] {
  const registry =
    format.value === "avro" && schemaRegistry !== undefined
      ? new Registry(schemaRegistry)
      : null;
  return {
    kafka: (signal) => clusterIdOf(kafka, signal),
    ...(registry && { registry: (signal) => registry.subjects(signal) }),
  };
}

export function kafkaOf(config: Config, logger: Logger): Kafka {
  return connectTo({
    brokers: config.kafka.brokers,
    clientId: config.kafka.clientId,
    ssl: config.kafka.ssl,
    sasl: config.kafka.sasl,
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
  return new Topics({
    ...config.topics,
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
    reserved: [config.delivery.deadLetterTopic, ...RESERVED_TOPICS],
  });
}

export function sellClientOf(
  config: Config,
  device: string,
  version: string,
  clock: Clock,
  onRequest: (request: RequestReport) => void,
): SellClient {
  const { sell } = config;
  return new SellClient({
    ...sell,
    deviceUuid: device,
    // Besides the readers of a session, one acknowledgement may be under way.
    connections: sell.parallelFetches + 1,
    userAgent: `sell-kafka/${version} (Node.js)`,
    limiter: new RateLimiter(sell.requestsPerSecond, clock),
    clock,
    onRequest,
  });
}

export function encoderOf(
  {
    config,
    version,
    clock,
  }: Pick<ConnectorOptions, "config" | "version" | "clock">,
  device: string,
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

async function deviceOf(
  { config, clock, observer }: ConnectorOptions,
  kafka: Kafka,
  signal: AbortSignal,
): Promise<string> {
  const backoff = new Backoff(clock, { baseMs: 200, capMs: 10_000 });
  for (;;) {
    try {
      const clusterId = await clusterIdOf(kafka, signal);
      const identity = identityOf(config, clusterId);
      if (identity.device === null) throw new DeniedFault(identity.problem);
      return identity.device;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DeniedFault) throw error;
      observer.retrying("publish", error, backoff.failures + 1);
      await backoff.failed(signal);
    }
  }
}

interface SinkSide {
  /** Lets go of connections until the next write; `isComplete` after a complete drain. */
  readonly rest: (isComplete: boolean) => Promise<void>;
  readonly dispose: () => void;
  readonly acknowledges: boolean;
}

function connectorOf(
  { config, clock, observer, version, logger, tracing }: ConnectorOptions,
  device: string,
  plainSink: Sink,
  { rest, dispose, acknowledges }: SinkSide,
): Connector {
  const requests = new RequestCounter();
  const sink = tracing?.traced(plainSink) ?? plainSink;
  const source = sellClientOf(config, device, version, clock, (request) => {
    requests.count(request);
    observer.requested(request);
  });
  const {
    ackBatchSize: batchSize,
    parallelFetches,
    pollIntervalMs,
  } = config.sell;
  const drainOptions = (): DrainOptions => ({
    source,
    sink,
    acknowledger: acknowledges
      ? new Acknowledger({ source, clock, observer, batchSize })
      : null,
    clock,
    observer,
    parallelFetches,
    pollIntervalMs,
    maxBufferedBytes: config.delivery.maxBufferedBytes,
  });
  return {
    device,
    requests,
    drain: async (signals) => {
      const result = await drain(drainOptions(), signals);
      await rest(result.end === "complete");
      return result;
    },
    poll: (signals) =>
      poll(
        {
          drainOptions,
          clock,
          pollIntervalMs,
          drained: async (result) => {
            logDrained(logger, result);
            await rest(!(result instanceof Error) && result.end === "complete");
          },
        },
        signals,
      ),
    async [Symbol.asyncDispose]() {
      dispose();
      await source[Symbol.asyncDispose]();
      await rest(false);
    },
  };
}

function logDrained(logger: Logger, result: DrainResult | DeniedFault): void {
  if (result instanceof DeniedFault)
    logger.error({ reason: result.message }, "drain refused");
  else if (result.end === "incomplete")
    logger.error({ problems: result.problems }, "drain incomplete");
  else logger.debug({ end: result.end }, "drain ended");
}
