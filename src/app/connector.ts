import type { Logger } from "pino";
import type { Commons, SharedCluster } from "./commons.ts";
import type { Config } from "../config/definition/config.ts";
import { Registry } from "../format/schema-registry/registry.ts";
import { schemasOf } from "../format/value-formats.ts";
import { atLeastOnce, exactlyOnce } from "./delivery.ts";
import { journalWarnings } from "./journal-warnings.ts";
import { tellingAttempts, tellingSink } from "./failed-attempts.ts";
import type { MayWrite } from "../kafka/write/producer.ts";
import { Publisher, type PublisherOptions } from "../publish/publisher.ts";
import { StdoutSink } from "../publish/sinks/stdout-sink.ts";
import {
  encoderOf,
  identityOf,
  routerOf,
  sellClientOf,
  topicsOf,
} from "./parts.ts";
import { Acknowledger } from "../pipeline/acknowledger.ts";
import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import {
  drain,
  type DrainOptions,
  type DrainResult,
} from "../pipeline/drain.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import { DeniedFault } from "../domain/faults.ts";
import {
  checkConnectivity,
  type ConnectivityCheckOptions,
} from "../pipeline/connectivity-check.ts";
import type { Tracing } from "../observe/traces/tracing.ts";
import type { Observer } from "../domain/observer.ts";
import { poll, type PollResult } from "../pipeline/poller.ts";
import type { Sink } from "../domain/ports.ts";
import { printingDeviceUuid } from "../sell/device.ts";

/** A probe that asks whether the connector is ready gets an answer that is no older. */
const HEARTBEAT_MS = 10_000;

export interface ConnectorOptions {
  readonly config: Config;
  readonly commons: Commons;
  /** Asked before anything is written. */
  readonly mayWrite?: MayWrite;
  /** True when somebody may ask at any time how it is. */
  readonly isServed: boolean;
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
  const cluster = options.commons.cluster(options.config);
  try {
    const identity = await identityOn(options, cluster, signal);
    options.observer.connected(identity.device);
    return publishing(options, identity, cluster);
  } catch (error) {
    cluster[Symbol.dispose]();
    throw error;
  }
}

function publishing(
  options: ConnectorOptions,
  { device, clusterId }: Identity,
  cluster: SharedCluster,
): Connector {
  const { config, commons, clock, observer, version } = options;
  const { mayWrite = () => undefined } = options;
  const { kafka, writer } = cluster;
  const retrying: PublisherOptions["retrying"] = (what, error, failures) => {
    observer.retrying(what, error, failures);
  };
  const delivering = {
    encoder: encoderOf(config, device, version, clock),
    router: routerOf(config),
    topics: topicsOf(config, kafka, clock, (error, failures) => {
      retrying("publish", error, failures);
    }),
    clock,
    connectorName: config.name,
    deadLetterTopic: config.delivery.deadLetterTopic,
    retrying,
    ...(options.tracing && { batchHeaders: options.tracing.headers }),
  };
  const { compression } = config.kafka;
  const delivery =
    config.delivery.guarantee === "exactly-once"
      ? exactlyOnce(kafka, device, {
          ...delivering,
          compression,
          mayWrite,
          semaphore: cluster.journalReads,
          ...journalWarnings(options, kafka),
        })
      : atLeastOnce(
          writer.join({
            producer: commons.producer(clusterId, config.name),
            mayWrite,
          }),
          delivering,
        );
  const disconnected = new AbortController();
  if (options.isServed)
    void checkConnectivity(
      {
        servers: serversOf(config, cluster),
        clock,
        observer,
        everyMs: HEARTBEAT_MS,
      },
      disconnected.signal,
    );
  const sink = tellingSink(delivery.sink, { kafka, clock, observer });
  return connectorOf(options, device, sink, {
    rest: delivery.rest,
    dispose: () => {
      disconnected.abort();
      cluster[Symbol.dispose]();
    },
    acknowledges: true,
  });
}

/** Connects to Sell alone: its changes are printed, and none of them is ever acknowledged. */
export function connectToPrinter(
  options: ConnectorOptions,
  print: (text: string) => Promise<void>,
): Connector {
  const { config, version, clock, observer } = options;
  const device =
    config.sell.deviceUuid ??
    printingDeviceUuid(config.name, config.sell.epoch);
  const publisher = new Publisher({
    sink: new StdoutSink(print),
    encoder: encoderOf(config, device, version, clock),
    router: routerOf(config),
    clock,
    connectorName: config.name,
    deadLetterTopic: config.delivery.deadLetterTopic,
    retrying: (what, error, failures) => {
      observer.retrying(what, error, failures);
    },
  });
  observer.connected(device);
  return connectorOf(options, device, publisher, {
    rest: () => Promise.resolve(),
    dispose: () => undefined,
    acknowledges: false,
  });
}

/** How to ask whether the servers are there that a publisher needs. */
function serversOf(
  { format, schemaRegistry }: Config,
  cluster: SharedCluster,
): ConnectivityCheckOptions["servers"] {
  const registry =
    schemasOf(format.value) !== null && schemaRegistry !== undefined
      ? new Registry(schemaRegistry)
      : null;
  return {
    kafka: (signal) => cluster.id.get(signal),
    ...(registry && { registry: (signal) => registry.subjects(signal) }),
  };
}

/** Who the connector is, at Sell and at the brokers. */
interface Identity {
  readonly device: string;
  /** Null when the cluster reports none. */
  readonly clusterId: string | null;
}

function identityOn(
  { config, clock, observer }: ConnectorOptions,
  { kafka, id }: SharedCluster,
  signal: AbortSignal,
): Promise<Identity> {
  return tellingAttempts({ kafka, clock, observer }, async (failed) => {
    const backoff = new Backoff(clock, { baseMs: 200, capMs: 10_000 });
    for (;;) {
      try {
        const clusterId = await id.get(signal);
        const identity = identityOf(config, clusterId);
        if (identity.device === null) throw new DeniedFault(identity.problem);
        return { device: identity.device, clusterId };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof DeniedFault) throw error;
        failed(error);
        await backoff.failed(signal);
      }
    }
  });
}

interface SinkSide {
  /** Lets go of connections until the next write; `isComplete` after a complete drain. */
  readonly rest: (isComplete: boolean) => Promise<void>;
  readonly dispose: () => void;
  readonly acknowledges: boolean;
}

function connectorOf(
  options: ConnectorOptions,
  device: string,
  plainSink: Sink,
  { rest, dispose, acknowledges }: SinkSide,
): Connector {
  const { config, commons, clock, observer, version, logger, tracing } =
    options;
  const requests = new RequestCounter();
  const sink = tracing?.traced(plainSink) ?? plainSink;
  const { accessToken, requestsPerSecond } = config.sell;
  const token = commons.limiters.join(accessToken, requestsPerSecond);
  const source = sellClientOf(
    config,
    device,
    version,
    clock,
    (request) => {
      requests.count(request);
      observer.requested(request);
    },
    token.limiter,
  );
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
    // The other half is left for what they bring.
    lastPagesWithinMs: config.delivery.shutdownTimeoutMs / 2,
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
            await rest(result.end === "complete").catch((error: unknown) => {
              logger.warn({ err: error }, "connections could not be closed");
            });
          },
        },
        signals,
      ),
    async [Symbol.asyncDispose]() {
      dispose();
      await source[Symbol.asyncDispose]();
      token[Symbol.dispose]();
      await rest(false);
    },
  };
}

function logDrained(logger: Logger, result: PollResult): void {
  if (result.end === "denied")
    logger.error({ reason: result.fault.message }, "drain refused");
  else if (result.end === "failed") {
    const { message, cause } = result.fault;
    logger.error({ reason: message }, "drain failed unexpectedly");
    logger.debug({ err: cause }, "where the drain failed");
  } else if (result.end === "incomplete")
    logger.error({ problems: result.problems }, "drain incomplete");
  else logger.debug({ end: result.end }, "drain ended");
}
