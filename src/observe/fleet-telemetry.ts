import type { Logger } from "pino";
import { reasonOf } from "../lib/reason-of.ts";
import type { Config } from "../config/definition/config.ts";
import type { Clock } from "../lib/clock.ts";
import { FleetMetrics } from "./metrics/fleet-metrics.ts";
import {
  lineOf,
  type FleetStatus,
  type FleetTrouble,
  type Survey,
} from "./status/fleet-status.ts";
import { Moments } from "./status/moments.ts";
import { HttpServer } from "./http/http-server.ts";
import { tellServing } from "./http/serving.ts";
import { watch, type Watch } from "./watch.ts";

export interface FleetMonitorOptions {
  readonly folder: string;
  readonly instance: string;
  readonly version: string;
  readonly toKafka: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly survey: () => Survey;
}

type Address = NonNullable<Config["server"]>;

/** What an operator sees of all connectors of a process. */
export class FleetMonitor implements AsyncDisposable {
  readonly #options: FleetMonitorOptions;
  readonly #moments: Moments;
  readonly #startedAtMs: number;
  readonly #watches = new Map<string, Watch>();
  readonly #metrics: FleetMetrics;
  readonly #servers = new Map<string, HttpServer>();
  readonly #refused = new Map<string, string>();

  constructor(options: FleetMonitorOptions) {
    this.#options = options;
    this.#moments = new Moments(options.clock);
    this.#startedAtMs = this.#moments.nowMs;
    this.#metrics = new FleetMetrics(
      () => this.status(),
      () => [...this.#watches.values()].map(({ metrics }) => metrics.registry),
    );
  }

  /** Watches a connector until the result is disposed of. */
  watch(config: Config): Watch & Disposable {
    const { clock, version, toKafka } = this.#options;
    const watched = watch({
      config,
      clock,
      version,
      toKafka,
      isOneOfMany: true,
    });
    const { name } = config;
    this.#watches.set(name, watched);
    return {
      ...watched,
      [Symbol.dispose]: () => {
        if (this.#watches.get(name) === watched) this.#watches.delete(name);
      },
    };
  }

  /** Serves at each of these addresses from now on, and nowhere else. One that can't be had is tried again. */
  async serve(addresses: readonly Address[]): Promise<void> {
    const wanted = new Map(
      addresses.map((one) => [`${one.host}:${one.port}`, one]),
    );
    for (const [place, server] of this.#servers)
      if (!wanted.has(place)) {
        this.#servers.delete(place);
        await server[Symbol.asyncDispose]();
      }
    for (const place of this.#refused.keys())
      if (!wanted.has(place)) this.#refused.delete(place);
    for (const [place, address] of wanted)
      if (!this.#servers.has(place)) await this.#start(place, address);
  }

  status(): FleetStatus {
    const { version, instance, folder, survey } = this.#options;
    const { group, instances, placed, troubles } = survey();
    const lines = placed.map((one) =>
      lineOf(one, this.#watches.get(one.name)?.status() ?? null),
    );
    const ofConnectors = lines
      .filter(({ ready }) => !ready)
      .map(({ name, detail }): FleetTrouble => {
        const remedy = `See /connectors/${name}/status.`;
        return {
          code: "connector",
          subject: name,
          reason: `${name}: ${detail}`,
          remedy,
        };
      });
    const ofServers = [...this.#refused.values()].map(
      (reason): FleetTrouble => ({
        code: "server",
        subject: null,
        reason,
        remedy: "It is tried again by itself.",
      }),
    );
    return {
      version,
      atMs: this.#moments.told(this.#moments.nowMs),
      startedAtMs: this.#moments.told(this.#startedAtMs),
      instance,
      group,
      instances,
      folder,
      ready: !troubles.some(
        ({ code }) => code === "folder" || code === "group",
      ),
      troubles: [...troubles, ...ofServers, ...ofConnectors],
      connectors: lines,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serve([]);
  }

  async #start(place: string, address: Address): Promise<void> {
    const { logger } = this.#options;
    try {
      const server = await HttpServer.start({
        ...address,
        page: "fleet",
        status: () => this.status(),
        connector: (name) => this.#watches.get(name)?.status() ?? null,
        metrics: this.#metrics,
      });
      this.#servers.set(place, server);
      this.#refused.delete(place);
      tellServing(server, logger);
    } catch (error) {
      const reason = reasonOf(error);
      if (this.#refused.get(place) !== reason)
        logger.error({ reason }, "an address can't be served");
      this.#refused.set(place, reason);
    }
  }
}
