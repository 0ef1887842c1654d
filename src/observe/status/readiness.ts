import { causeSentence } from "../../domain/cause.ts";
import { deferralSentence } from "../../domain/deferrals.ts";
import type { Clock } from "../../lib/clock.ts";
import type {
  Attempt,
  DrainEnd,
  Observer,
  RequestReport,
  Server,
  SessionReport,
} from "../../domain/observer.ts";
import { DistinctReasons } from "../../lib/distinct-reasons.ts";
import type { Outcome } from "../../domain/settled.ts";
import {
  toAttemptTrouble,
  toAwayTrouble,
  toDrainTrouble,
  type Trouble,
} from "./trouble.ts";

/**
 * Failures in a row from which an attempt is a trouble. The clients of Kafka and the registry
 * retry by themselves before they report one failure, so their limits are lower.
 */
const STANDING_FAILURES: Readonly<Record<Attempt, number>> = {
  start: 3,
  fetch: 3,
  acknowledge: 3,
  publish: 2,
  registry: 2,
};
/** An attempt that fails for this long is a trouble, however few its failures are. */
const STANDING_MS = 10_000;

export interface ReadinessOptions {
  /** The servers, besides Sell, that the connector must reach before it is ready. */
  readonly needed: readonly Server[];
  readonly clock: Clock;
}

interface Failing {
  readonly trouble: Trouble;
  readonly failures: number;
  readonly sinceMs: number;
}

/** Decides from the pipeline's events whether the connector is ready, and which troubles keep it from that. */
export class Readiness implements Partial<Observer> {
  readonly #needed: readonly Server[];
  readonly #clock: Clock;
  readonly #reached = new Set<Server | "sell">();
  readonly #away = new Map<Server, Trouble>();
  readonly #failing = new Map<Attempt, Failing>();
  #deferredBecause = new DistinctReasons();
  #lastDrain: Trouble | null = null;
  #isStopping = false;

  constructor({ needed, clock }: ReadinessOptions) {
    this.#needed = needed;
    this.#clock = clock;
  }

  /** Returns the troubles that keep the connector from being ready, the worst first. */
  troubles(): readonly Trouble[] {
    const troubles = new Map<string, Trouble>();
    for (const trouble of this.#all()) {
      const { code, reason } = trouble;
      // An unreachable server makes several attempts fail with the same code.
      const isOneOfMany = code === "deferred" || code === "starting";
      const key = isOneOfMany ? code + reason : code;
      if (!troubles.has(key)) troubles.set(key, trouble);
    }
    return [...troubles.values()];
  }

  /** Notes that the connector was asked to stop: it takes nothing more from Sell. */
  stopping(): void {
    this.#isStopping = true;
  }

  /** Returns whether the latest attempt of this kind failed. */
  isFailing(what: Attempt): boolean {
    return this.#failing.has(what);
  }

  connected(): void {
    this.#failing.delete("publish");
    if (this.#needed.includes("kafka")) this.reached("kafka");
  }

  reached(server: Server): void {
    this.#reached.add(server);
    this.#away.delete(server);
  }

  notReached(server: Server, error: unknown): void {
    this.#away.set(server, toAwayTrouble(server, error));
  }

  requested({ endpoint, status }: RequestReport): void {
    if (status < 200 || status >= 300) return;
    this.#reached.add("sell");
    const attempts = { start: "start", queue: "fetch", ack: "acknowledge" };
    this.#failing.delete(attempts[endpoint] as Attempt);
  }

  retrying(what: Attempt, error: unknown, failures: number): void {
    const trouble = toAttemptTrouble(what, error);
    const sinceMs =
      this.#failing.get(what)?.sinceMs ?? this.#clock.monotonicMs();
    this.#failing.set(what, { trouble, failures, sinceMs });
  }

  sessionStarted(): void {
    this.#deferredBecause = new DistinctReasons();
  }

  settled(outcomes: readonly Outcome[]): void {
    let isDurable = false;
    for (const { fate } of outcomes) {
      if (fate.kind === "deferred")
        this.#deferredBecause.add(causeSentence(fate.why));
      else isDurable = true;
    }
    if (!isDurable) return;
    this.#failing.delete("publish");
    this.#failing.delete("registry");
    for (const server of this.#needed) this.reached(server);
  }

  sessionEnded({ deferredBecause }: SessionReport): void {
    this.#deferredBecause = new DistinctReasons();
    for (const one of deferredBecause)
      this.#deferredBecause.add(deferralSentence(one));
  }

  drainEnded(end: DrainEnd, problems: readonly string[]): void {
    this.#failing.clear();
    if (end === "complete") this.#deferredBecause = new DistinctReasons();
    if (end !== "stopped") this.#lastDrain = toDrainTrouble(end, problems);
  }

  *#all(): Generator<Trouble> {
    if (this.#isStopping) yield STOPPING;
    if (this.#lastDrain?.code === "denied") yield this.#lastDrain;
    yield* this.#away.values();
    const nowMs = this.#clock.monotonicMs();
    for (const [what, { trouble, failures, sinceMs }] of this.#failing) {
      if (failures >= STANDING_FAILURES[what] || nowMs - sinceMs >= STANDING_MS)
        yield trouble;
    }
    for (const reason of this.#deferredBecause.list())
      yield toDeferredTrouble(reason);
    if (this.#lastDrain !== null) yield this.#lastDrain;
    for (const server of [...this.#needed, "sell"] as const)
      if (!this.#reached.has(server)) yield toStartingTrouble(server);
  }
}

const STOPPING: Trouble = {
  code: "stopping",
  reason: "it was asked to stop",
  remedy: "It publishes and acknowledges what it holds, and ends.",
};

function toDeferredTrouble(reason: string): Trouble {
  return {
    code: "deferred",
    reason: `records are deferred: ${reason}`,
    remedy:
      "Other types go on. These records are not acknowledged, and come again with each drain until this is mended.",
  };
}

const serverNames = {
  kafka: "Kafka",
  registry: "the schema registry",
  sell: "Sell",
};

function toStartingTrouble(server: Server | "sell"): Trouble {
  return {
    code: "starting",
    reason: `${serverNames[server]} has not been reached yet`,
    remedy: "Kafka is reached first, and Sell after it.",
  };
}
