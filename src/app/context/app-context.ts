import type { Logger } from "pino";
import type { Config } from "../../config/definition/config.ts";
import { DeniedFault } from "../../domain/faults.ts";
import type { RequestReport } from "../../domain/observer.ts";
import { createEncoder } from "../../format/create-encoder.ts";
import type { Encoder } from "../../format/encoder.ts";
import type { ColumnsLayout } from "../../format/value-format.ts";
import { Registry } from "../../format/schema-registry/registry.ts";
import { systemClock, type Clock } from "../../lib/clock.ts";
import { JOURNAL_TOPIC, ownTopics } from "../../lib/kafka-topics.ts";
import { Router } from "../../publish/topics/router.ts";
import type { NewTopics } from "../../publish/topics/topic-creation.ts";
import { Topics, type TopicsOptions } from "../../publish/topics/topics.ts";
import { SellClient } from "../../sell/client.ts";
import { deviceUuid, printingDeviceUuid } from "../../sell/device.ts";
import { version } from "../../version.ts";
import {
  openColumns,
  type ColumnsObserver,
  type OpenColumns,
} from "./columns-layout.ts";
import { SharedResources, type SharedCluster } from "./shared-resources.ts";

export interface AppOverrides {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Resources shared with the other connectors of the process; when missing, nothing is shared. */
  readonly shared?: SharedResources;
}

const never = new AbortController().signal;

/** Who a connector is on a cluster, or why it has no device UUID there. */
export type Identity = {
  /** Null when the cluster reports none. */
  readonly clusterId: string | null;
} & (
  | { readonly kind: "known"; readonly device: string }
  | { readonly kind: "unknown"; readonly problem: string }
);

export interface SellClientOverrides {
  readonly accessToken?: string;
  readonly requestsPerSecond?: number;
  readonly onRequest?: (request: RequestReport) => void;
}

/**
 * Holds one configuration and everything that is opened for it: each part is created on its first use,
 * and closed with the context. Every command works with one; nothing else creates these parts.
 */
export class AppContext implements AsyncDisposable {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly shared: SharedResources;
  #cluster: SharedCluster | null = null;
  #router: Router | null = null;
  #registry: Registry | null = null;
  #identity: Identity | null = null;
  /** In the order of their opening. */
  readonly #opened: AsyncDisposable[] = [];

  private constructor(config: Config, overrides: Required<AppOverrides>) {
    this.config = config;
    this.logger = overrides.logger;
    this.clock = overrides.clock;
    this.shared = overrides.shared;
  }

  /** Connects to nothing. */
  static fromConfig(config: Config, overrides: AppOverrides): AppContext {
    const { logger, clock = systemClock } = overrides;
    const { shared = new SharedResources(logger, clock) } = overrides;
    return new AppContext(config, { logger, clock, shared });
  }

  get cluster(): SharedCluster {
    this.#cluster ??= this.shared.joinCluster(this.config.kafka);
    return this.#cluster;
  }

  get kafka(): SharedCluster["kafka"] {
    return this.cluster.kafka;
  }

  get router(): Router {
    const { name, topics, delivery } = this.config;
    this.#router ??= new Router({
      connectorName: name,
      pattern: topics.pattern,
      reserved: [
        delivery.deadLetterTopic,
        ...(topics.markers === null ? [] : [topics.markers]),
        ...ownTopics,
      ],
    });
    return this.#router;
  }

  /** Null when the configuration names none. */
  get registry(): Registry | null {
    const { schemaRegistry } = this.config;
    if (schemaRegistry === undefined) return null;
    this.#registry ??= new Registry(schemaRegistry);
    return this.#registry;
  }

  /**
   * Asks the cluster for its id, from which the device UUID is derived; asks once, unless the
   * attempt fails. Rejects with a DeniedFault or UnavailableFault.
   */
  async identity(signal: AbortSignal): Promise<Identity> {
    this.#identity ??= this.#identityOn(await this.cluster.id.get(signal));
    return this.#identity;
  }

  /** The device UUID, for which the cluster is asked only when none is configured. Rejects as `identity`. */
  async device(signal: AbortSignal): Promise<string> {
    const { deviceUuid: configured } = this.config.sell;
    return configured ?? knownDevice(await this.identity(signal));
  }

  /** The device UUID of a run that prints its events: it asks no cluster. */
  get printingDevice(): string {
    const { name, sell } = this.config;
    return sell.deviceUuid ?? printingDeviceUuid(name, sell.epoch);
  }

  /** The definitions and callbacks that the layout `columns` needs; null for the nested one. */
  openColumns(observer: ColumnsObserver = {}): OpenColumns | null {
    if (this.config.format.layout === "nested") return null;
    const columns = openColumns(this, observer);
    this.#opened.push(columns);
    return columns;
  }

  createEncoder(device: string, columns: ColumnsLayout | null): Encoder {
    const { name, format, schemaRegistry } = this.config;
    return createEncoder({
      ...format,
      columns,
      registry: this.registry,
      autoRegister: schemaRegistry?.autoRegister ?? true,
      topicPerType: this.router.hasTopicPerType,
      origin: { version, connectorName: name, device },
      clock: this.clock,
    });
  }

  /** Whether and how missing topics are created. */
  get newTopics(): NewTopics & { readonly create: boolean } {
    const { topics, delivery } = this.config;
    return {
      ...topics,
      defaultReplication: () => this.cluster.defaultReplication.get(never),
      deadLetterTopic: delivery.deadLetterTopic,
      journalTopic: JOURNAL_TOPIC,
      markersTopic: topics.markers,
    };
  }

  /** The topics that a connector writes to, which are created when they are missing. */
  openTopics(retrying: TopicsOptions["retrying"]): Topics {
    const { config, router, cluster, clock } = this;
    return new Topics({
      ...this.newTopics,
      kafka: cluster.kafka,
      topicListing: cluster.topicListing,
      maxCreated: config.topics.maxCreated,
      isTarget: (topic) => router.isTarget(topic),
      clock,
      retrying,
    });
  }

  /** A client of Sell under a device; clients of one token keep to one rate in the whole process. */
  openSellClient(
    device: string,
    { onRequest = () => undefined, ...overrides }: SellClientOverrides = {},
  ): SellClient {
    const { clock, shared } = this;
    const sell = { ...this.config.sell, ...overrides };
    const share = shared.limiters.join(
      sell.accessToken,
      sell.requestsPerSecond,
    );
    const client = new SellClient({
      ...sell,
      deviceUuid: device,
      userAgent: `sell-kafka/${version} (Node.js)`,
      limiter: share.limiter,
      clock,
      onRequest,
    });
    this.#opened.push({
      [Symbol.asyncDispose]: async () => {
        await client[Symbol.asyncDispose]();
        share[Symbol.dispose]();
      },
    });
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#opened.reverse())
      await client[Symbol.asyncDispose]();
    this.#opened.length = 0;
    this.#cluster?.[Symbol.dispose]();
    this.#cluster = null;
  }

  #identityOn(clusterId: string | null): Identity {
    const { name, sell, topics } = this.config;
    const { epoch } = sell;
    if (sell.deviceUuid !== undefined)
      return { clusterId, kind: "known", device: sell.deviceUuid };
    if (clusterId === null)
      return {
        clusterId,
        kind: "unknown",
        problem:
          "the Kafka cluster reports no id, from which the device UUID is derived; set sell.deviceUuid to a UUID of your own and never change it",
      };
    const topicsPattern = topics.pattern;
    const device = deviceUuid({ clusterId, name, topicsPattern, epoch });
    return { clusterId, kind: "known", device };
  }
}

/** Throws a DeniedFault when the connector has no device UUID. */
export function knownDevice(identity: Identity): string {
  if (identity.kind === "unknown")
    throw new DeniedFault("kafka", identity.problem);
  return identity.device;
}
