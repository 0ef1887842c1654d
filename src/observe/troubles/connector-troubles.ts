import type { Config } from "../../config/definition/config.ts";
import type { DenyingServer } from "../../domain/faults.ts";
import {
  observers,
  onEveryEvent,
  type Observer,
  type Server,
} from "../../domain/observer.ts";
import { needsRegistry } from "../../format/value-formats.ts";
import type { Clock } from "../../lib/clock.ts";
import { shownAddress } from "../../security/addresses.ts";
import { Readiness } from "./readiness.ts";
import { remedyCommand } from "./remedy-command.ts";
import { SteadyClock } from "../status/steady-clock.ts";
import { TroubleBook, type Lasting } from "./trouble-book.ts";
import type { TroubleFacts } from "./trouble-facts.ts";
import { headlineOf, isOutage, type Trouble } from "./trouble.ts";
import { WaitingByCause, type WaitingItems } from "./waiting-items.ts";

/** Told of a connector's troubles after each event. */
export interface TroubleTeller {
  lasts(trouble: Lasting<TroubleFacts>, show: () => Trouble): void;
  over(trouble: Lasting<TroubleFacts>, show: () => Trouble): void;
}

export interface TroublesOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** False when events go to standard output and no broker is used. */
  readonly toKafka: boolean;
  readonly teller: TroubleTeller;
}

const SHOWN_TYPES = 50;

/** The troubles of one connector, for its log, its probes, its page and its metrics alike. */
export class ConnectorTroubles {
  /** Feeds the troubles. */
  readonly observer: Observer;
  readonly readiness: Readiness;
  readonly time: SteadyClock;
  readonly #options: TroublesOptions;
  readonly #waiting = new WaitingByCause();
  readonly #book: TroubleBook<TroubleFacts>;

  constructor(options: TroublesOptions) {
    const { config, clock, toKafka, teller } = options;
    this.#options = options;
    this.time = new SteadyClock(clock);
    this.readiness = new Readiness({
      needed: requiredServers(config, toKafka),
      waiting: this.#waiting,
      time: this.time,
    });
    this.#book = new TroubleBook({
      lasts: (trouble) => {
        teller.lasts(trouble, () => this.#show(trouble));
      },
      over: (trouble) => {
        teller.over(trouble, () => this.#show(trouble));
      },
    });
    const look = onEveryEvent(() => {
      this.#look();
    });
    this.observer = observers(this.#waiting, this.readiness, look);
  }

  /** The worst first. */
  list(): readonly Trouble[] {
    this.#look();
    return this.#book.present.map((trouble) => this.#show(trouble));
  }

  /** The items that wait, by cause. */
  waiting(): readonly WaitingItems[] {
    return this.#waiting.list();
  }

  /** Since when nothing can reach Kafka, by `time`; null while something can. */
  outageSinceMs(): number | null {
    const outages = this.#book.present.filter(({ facts }) =>
      isOutage(facts.code),
    );
    return outages.length === 0
      ? null
      : Math.min(...outages.map(({ sinceMs }) => sinceMs));
  }

  #look(): void {
    this.#book.look(this.readiness.sightings(), this.time.nowMs);
  }

  #show({ facts, sinceMs, nextTryMs }: Lasting<TroubleFacts>): Trouble {
    const { code, server, reason, remedy, deferral } = facts;
    const { config } = this.#options;
    return {
      code,
      headline: headlineOf(code, server),
      server,
      host: server === null ? null : hostOf(server, config),
      records: deferral?.items ?? null,
      typeCount: deferral?.itemsByType.size ?? null,
      types: [...(deferral?.itemsByType.keys() ?? [])]
        .sort()
        .slice(0, SHOWN_TYPES),
      reason,
      remedy,
      command: deferral === null ? null : remedyCommand(deferral, config),
      sinceMs: this.time.toWallClockMs(sinceMs),
      nextTryMs: this.time.toWallClockMs(nextTryMs ?? this.time.nowMs),
    };
  }
}

/** The servers, besides Sell, that a connector must reach. */
function requiredServers({ format }: Config, toKafka: boolean): Server[] {
  return [
    ...(toKafka ? (["kafka"] as const) : []),
    ...(needsRegistry(format.value) ? (["registry"] as const) : []),
  ];
}

function hostOf(
  server: DenyingServer,
  { kafka, sell, schemaRegistry }: Config,
): string | null {
  switch (server) {
    case "sell":
      return sell.baseUrl;
    case "kafka":
      return kafka.brokers.join(",");
    case "registry":
      return schemaRegistry?.url ?? null;
    case "token-endpoint":
      return kafka.sasl?.mechanism === "oauthbearer"
        ? shownAddress(kafka.sasl.tokenEndpoint)
        : null;
    case "aws-credentials":
      return null;
  }
}
