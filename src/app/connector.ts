import { warningsIn } from "../config/warnings.ts";
import { DeniedFault } from "../domain/faults.ts";
import { observers, type Observer } from "../domain/observer.ts";
import type { Publisher } from "../domain/ports.ts";
import type { MayWrite } from "../kafka/write/kafka-writer.ts";
import { retry } from "../lib/retry.ts";
import type { Tracing } from "../observe/traces/tracing.ts";
import { AckBatchSize } from "../pipeline/ack-batch-size.ts";
import {
  drain,
  type DrainOptions,
  type DrainResult,
} from "../pipeline/drain.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import { poll } from "../pipeline/poller.ts";
import { version } from "../version.ts";
import type { DrainMarkers } from "../publish/drain-markers/drain-markers.ts";
import { knownDevice, type AppContext } from "./context/app-context.ts";
import { reportFailedAttempts, reportingPublisher } from "./failed-attempts.ts";
import { TypeRefusals } from "../publish/type-refusals.ts";
import { ItemPublisher } from "../publish/publisher.ts";
import { RevisionMemory } from "../publish/revision-memory.ts";
import type { Sink } from "../publish/sink.ts";
import type { SellClient } from "../sell/client.ts";
import { SERVER_WAITS } from "../publish/until-available.ts";
import {
  chooseSink,
  openDrainMarkers,
  type Print,
  type SinkKind,
} from "./context/sinks.ts";
import { afterFirstTurn, type FirstTurn } from "./first-turn.ts";
import { watchServers } from "./watch-servers.ts";

export interface ConnectorOptions {
  readonly observer: Observer;
  /** Null without traces. */
  readonly tracing: Tracing | null;
  /** True when health is served, so that servers are also asked while there is no work. */
  readonly isServed: boolean;
  /** Waits until this connector may open its first session, among many that start at once. */
  readonly firstTurn?: FirstTurn;
  /** Called before each write; throws when this process may no longer write. */
  readonly mayWrite?: MayWrite;
  /** Prints events in place of sending them to Kafka, and acknowledges none. Null for Kafka. */
  readonly print: Print | null;
  /** In place of the sink that `print` and the configuration name. */
  readonly sink?: SinkKind;
}

/** Who a connector is, at Sell and at the brokers. */
interface ConnectedIdentity {
  readonly device: string;
  readonly clusterId: string | null;
}

/** Moves one account's changes from Sell to a sink; created from an application context. */
export class Connector implements AsyncDisposable {
  readonly device: string;
  readonly #app: AppContext;
  readonly #options: DrainOptions;
  readonly #source: SellClient;
  readonly #sink: Sink;
  readonly #markers: DrainMarkers | null;
  readonly #disposed = new AbortController();

  /**
   * Waits for Kafka as long as it takes, unless events are printed. Rejects with a DeniedFault, or
   * the signal's reason.
   */
  static async connect(
    app: AppContext,
    options: ConnectorOptions,
    signal: AbortSignal,
  ): Promise<Connector> {
    const { config, logger } = app;
    const kind = options.sink ?? chooseSink(config, options.print);
    if (kind.isKafka)
      for (const { path, message } of warningsIn(config))
        logger.warn(`${path} ${message}`);
    const identity = kind.isKafka
      ? await waitForIdentity(app, options.observer, signal)
      : { device: app.printingDevice, clusterId: null };
    options.observer.connected(identity.device);
    const connector = new Connector(app, options, kind, identity);
    logger.info(
      {
        version,
        device: identity.device,
        sell: config.sell.baseUrl,
        to: kind.isKafka ? config.kafka.brokers : "standard output",
      },
      "connected",
    );
    return connector;
  }

  private constructor(
    app: AppContext,
    options: ConnectorOptions,
    kind: SinkKind,
    identity: ConnectedIdentity,
  ) {
    const { config, clock } = app;
    const { observer } = options;
    this.#app = app;
    this.device = identity.device;
    this.#source = app.openSellClient(identity.device, {
      onRequest: (request) => {
        observer.requested(request);
      },
    });
    const { sink, publisher } = openPublisher(
      app,
      options,
      kind,
      identity,
      this.#disposed.signal,
    );
    this.#sink = sink;
    this.#markers = kind.isKafka
      ? openDrainMarkers(app, identity.device, sink)
      : null;
    this.#options = {
      ...config.sell,
      ...config.delivery,
      source: afterFirstTurn(this.#source, options.firstTurn),
      ackBatches: new AckBatchSize(config.sell),
      publisher,
      acknowledges: kind.acknowledges,
      clock,
      observer: observers(observer, this.#markers?.observer ?? {}),
      // The other half of the time is left for publishing and acknowledging these pages.
      lastPagesWithinMs: config.delivery.shutdownTimeoutMs / 2,
    };
    if (kind.isKafka && options.isServed)
      void watchServers(app, observer, this.#disposed.signal);
  }

  /** Runs one complete drain. Rejects with a DeniedFault or the reason of `givingUp`. */
  async drain(signals: Signals): Promise<DrainResult> {
    const result = await drain(this.#options, signals);
    if (result.end === "complete")
      await this.#markers?.drainCompleted(signals.givingUp);
    await this.#sink.rest(result.end === "complete");
    return result;
  }

  /** Drains again and again until `stopping`. Rejects with the reason of `givingUp`. */
  poll(signals: Signals): Promise<void> {
    const { logger } = this.#app;
    return poll(
      {
        ...this.#options,
        ...this.#app.config.sell,
        pollTurn: (signal) => this.#source.pollTurn(signal),
        drained: async (result) => {
          if (result.end === "failed")
            logger.debug({ err: result.fault.cause }, "where the drain failed");
          if (result.end === "complete")
            await this.#markers?.drainCompleted(signals.givingUp);
          await this.#sink
            .rest(result.end === "complete")
            .catch((error: unknown) => {
              logger.warn({ err: error }, "connections could not be closed");
            });
        },
      },
      signals,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await this.#sink.close();
  }
}

async function waitForIdentity(
  app: AppContext,
  observer: Observer,
  signal: AbortSignal,
): Promise<ConnectedIdentity> {
  const { kafka, clock } = app;
  return reportFailedAttempts({ kafka, clock, observer }, (failed) =>
    retry(
      async () => {
        const identity = await app.identity(signal);
        const { clusterId } = identity;
        return { device: knownDevice(identity), clusterId };
      },
      {
        clock,
        waits: SERVER_WAITS,
        isRetryable: (error) => !(error instanceof DeniedFault),
        failed,
      },
      signal,
    ),
  );
}

/** Opens the sink, and a publisher on it that also reports failed attempts at brokers, and traces. */
function openPublisher(
  app: AppContext,
  { observer, tracing, mayWrite = () => undefined }: ConnectorOptions,
  kind: SinkKind,
  { device, clusterId }: ConnectedIdentity,
  disposed: AbortSignal,
): { readonly sink: Sink; readonly publisher: Publisher } {
  const { config, router, clock } = app;
  const retrying: Observer["retrying"] = (...failure) => {
    observer.retrying(...failure);
  };
  const revisions = new RevisionMemory();
  const sink = kind.open({
    app,
    device,
    clusterId,
    retrying,
    mayWrite,
    revisions,
  });
  const columns = app.openColumns(observer);
  columns?.customFields.begin(disposed);
  const publisher = new ItemPublisher({
    sink,
    encoder: app.createEncoder(device, columns),
    router,
    clock,
    connectorName: config.name,
    deadLetterTopic: config.delivery.deadLetterTopic,
    retrying,
    revisions,
    refusals: new TypeRefusals(),
    ...(kind.isKafka && tracing && { batchHeaders: tracing.headers }),
  });
  const reporting = kind.isKafka
    ? reportingPublisher(publisher, { kafka: app.kafka, clock, observer })
    : publisher;
  return { sink, publisher: tracing?.traced(reporting) ?? reporting };
}
