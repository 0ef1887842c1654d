import type { Logger } from "pino";
import { reasonOf } from "../lib/text/reason-of.ts";
import { printable } from "../security/printable.ts";
import type { Config } from "../config/definition/config.ts";
import type { Clock } from "../lib/clock.ts";
import { FleetMetrics } from "./metrics/fleet-metrics.ts";
import type { SupervisorState } from "../domain/supervision.ts";
import { describeFleet } from "./status/fleet-headline.ts";
import {
  toConnectorLine,
  type FleetStatus,
  type FleetTrouble,
} from "./status/fleet-status.ts";
import {
  isLookedAt,
  keyOf,
  toConnectorTroubles,
  toFileTrouble,
  toProcessTrouble,
  toServerTrouble,
  type TimelessTrouble,
} from "./status/fleet-trouble.ts";
import type { ConnectorTroubles } from "./troubles/connector-troubles.ts";
import { TroubleBook, type Lasting } from "./troubles/trouble-book.ts";
import { SteadyClock } from "./status/steady-clock.ts";
import { HttpServer, logServing } from "./http/http-server.ts";
import {
  createConnectorTelemetry,
  type ConnectorTelemetry,
} from "./connector-telemetry.ts";

export interface FleetTelemetryOptions {
  readonly folder: string;
  readonly instance: string;
  readonly version: string;
  readonly toKafka: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The connectors of the folder and the instances that run them. */
  readonly survey: () => SupervisorState;
}

type Address = NonNullable<Config["server"]>;

/** The metrics and the status of all connectors of a process, and the HTTP servers that serve them. */
export class FleetTelemetry implements AsyncDisposable {
  readonly #options: FleetTelemetryOptions;
  readonly #time: SteadyClock;
  readonly #startedAtMs: number;
  readonly #connectors = new Map<string, ConnectorTelemetry>();
  readonly #metrics: FleetMetrics;
  readonly #servers = new Map<string, HttpServer>();
  /** Why the addresses that could not be used were refused. */
  readonly #refused = new Map<string, string>();
  readonly #troubles = new TroubleBook<TimelessTrouble>({
    lasts: () => undefined,
    over: (trouble) => {
      this.#logOver(trouble);
    },
  });

  constructor(options: FleetTelemetryOptions) {
    this.#options = options;
    this.#time = new SteadyClock(options.clock);
    this.#startedAtMs = this.#time.nowMs;
    this.#metrics = new FleetMetrics(
      () => this.status(),
      () =>
        [...this.#connectors.values()].map(({ metrics }) => metrics.registry),
    );
  }

  /** Serves the telemetry of a connector until the result is disposed of. */
  add(
    config: Config,
    troubles: ConnectorTroubles,
  ): ConnectorTelemetry & Disposable {
    const { clock, version, toKafka } = this.#options;
    const telemetry = createConnectorTelemetry({
      config,
      clock,
      version,
      toKafka,
      troubles,
      isOneOfMany: true,
    });
    const { name } = config;
    this.#connectors.set(name, telemetry);
    return {
      ...telemetry,
      [Symbol.dispose]: () => {
        if (this.#connectors.get(name) === telemetry)
          this.#connectors.delete(name);
      },
    };
  }

  /** Notes since when each trouble is, also while nobody asks for the status. */
  noteTroubles(): void {
    this.status();
  }

  /** Listens at exactly these addresses. The next call tries a refused address again. */
  async serve(addresses: readonly Address[]): Promise<void> {
    const wanted = new Map(
      addresses.map((one) => [`${one.host}:${one.port}`, one]),
    );
    for (const [key, server] of this.#servers)
      if (!wanted.has(key)) {
        this.#servers.delete(key);
        await server[Symbol.asyncDispose]();
      }
    for (const key of this.#refused.keys())
      if (!wanted.has(key)) this.#refused.delete(key);
    for (const [key, address] of wanted)
      if (!this.#servers.has(key)) await this.#start(key, address);
  }

  status(): FleetStatus {
    const { version, instance, folder, survey } = this.#options;
    const { group, instances, connectors, nextLookInMs, ...rest } = survey();
    const here = connectors.map((one) => {
      const status = this.#connectors.get(one.name)?.status() ?? null;
      const worst = status?.troubles[0] ?? null;
      return { line: toConnectorLine(one, status), worst };
    });
    const lines = here.map(({ line }) => line);
    const refused = rest.refused.map((one) => ({
      ...one,
      file: printable(one.file),
    }));
    const troubles = this.#withTimes(
      [
        ...rest.troubles.map(toProcessTrouble),
        ...refused.map(toFileTrouble),
        ...[...this.#refused.values()].map(toServerTrouble),
        ...toConnectorTroubles(here.filter(({ line }) => !line.ready)),
      ],
      nextLookInMs,
    );
    return {
      version,
      atMs: this.#time.toWallClockMs(this.#time.nowMs),
      startedAtMs: this.#time.toWallClockMs(this.#startedAtMs),
      instance,
      group,
      instances,
      folder,
      ...describeFleet({ instance, connectors: lines, refused, troubles }),
      troubles,
      connectors: lines,
      refused,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serve([]);
  }

  #withTimes(
    troubles: readonly TimelessTrouble[],
    nextLookInMs: number,
  ): FleetTrouble[] {
    const { nowMs } = this.#time;
    const sightings = troubles.map((one) => ({
      facts: {
        ...one,
        key: keyOf(one),
      },
      nextTryMs: isLookedAt(one) ? nowMs + nextLookInMs : null,
    }));
    this.#troubles.look(sightings, nowMs);
    return this.#troubles.present.map(({ facts, sinceMs, nextTryMs }) => {
      const { code, headline, subject, host, reason, remedy } = facts;
      return {
        code,
        headline,
        subject,
        connectors: facts.connectors,
        host,
        reason,
        remedy,
        sinceMs: facts.sinceMs ?? this.#time.toWallClockMs(sinceMs),
        nextTryMs:
          facts.nextTryMs ?? (nextTryMs && this.#time.toWallClockMs(nextTryMs)),
      };
    });
  }

  /** The connectors log their own troubles. */
  #logOver({ facts, sinceMs }: Lasting<TimelessTrouble>): void {
    const { code, subject } = facts;
    if (code === "connector") return;
    this.#options.logger.info(
      {
        code,
        subject,
        sinceMs: this.#time.toWallClockMs(sinceMs),
        durationMs: Math.round(this.#time.nowMs - sinceMs),
      },
      "trouble is over",
    );
  }

  async #start(key: string, address: Address): Promise<void> {
    const { logger } = this.#options;
    try {
      const server = await HttpServer.start({
        ...address,
        page: "fleet",
        status: () => this.status(),
        connector: (name) => this.#connectors.get(name)?.status() ?? null,
        metrics: this.#metrics,
      });
      this.#servers.set(key, server);
      this.#refused.delete(key);
      logServing(server, logger);
    } catch (error) {
      const reason = reasonOf(error);
      if (this.#refused.get(key) !== reason)
        logger.error({ reason }, "an address can't be served");
      this.#refused.set(key, reason);
    }
  }
}
