import type { Cause } from "../../domain/cause.ts";
import type {
  Attempt,
  DrainEnd,
  DrainProblem,
  Observer,
  RequestReport,
  Server,
} from "../../domain/observer.ts";
import type { Outcome } from "../../domain/settled.ts";
import type { SteadyClock } from "../status/steady-clock.ts";
import {
  attemptFacts,
  awayFacts,
  deferralFacts,
  problemFacts,
  schemaKeptFacts,
  startingFacts,
  stoppingFacts,
  type TroubleFacts,
} from "./trouble-facts.ts";
import type { Sighting } from "./trouble-book.ts";
import type { WaitingByCause } from "./waiting-items.ts";

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
  /** Told of each event before the readiness. */
  readonly waiting: WaitingByCause;
  readonly time: SteadyClock;
}

interface Failing {
  readonly facts: TroubleFacts;
  readonly failures: number;
  readonly sinceMs: number;
  readonly nextTryMs: number | null;
}

/** Decides from the pipeline's events which troubles keep the connector from being ready. */
export class Readiness implements Partial<Observer> {
  readonly #options: ReadinessOptions;
  readonly #reached = new Set<Server | "sell">();
  readonly #away = new Map<Server, Omit<Failing, "failures">>();
  readonly #failing = new Map<Attempt, Failing>();
  /** By subject. */
  readonly #keptSchemas = new Map<string, TroubleFacts>();
  #lastDrain: readonly TroubleFacts[] = [];
  /** Null before the first drain has ended. */
  #nextDrainMs: number | null = null;
  #isResting = false;
  #isStopping = false;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** The troubles of now, the worst first. Several may have one key: the first of them counts. */
  sightings(): readonly Sighting<TroubleFacts>[] {
    const known = [...this.#known()];
    // A server that was not reached yet is no cause of its own beside another trouble.
    return known.length > 0 ? known : this.#starting();
  }

  #starting(): readonly Sighting<TroubleFacts>[] {
    return [...this.#options.needed, "sell" as const]
      .filter((server) => !this.#reached.has(server))
      .map((server) => ({ facts: startingFacts(server), nextTryMs: null }));
  }

  *#known(): Generator<Sighting<TroubleFacts>> {
    const nextTryMs = this.#nextDrainMs;
    // The next drain is known, and all that the last one has found.
    const isFirm = this.#isResting;
    const ofDrain = (facts: TroubleFacts) =>
      ({ facts, nextTryMs, isFirm, isOfDrain: true }) as const;
    if (this.#isStopping) yield { facts: stoppingFacts, nextTryMs };
    for (const facts of this.#lastDrain)
      if (facts.code === "denied") yield ofDrain(facts);
    yield* this.#away.values();
    yield* this.#standing();
    for (const { deferral, isCounted } of this.#options.waiting.list())
      yield {
        ...ofDrain(deferralFacts(deferral)),
        isFirm: isFirm && isCounted,
      };
    for (const facts of this.#lastDrain) yield ofDrain(facts);
    for (const facts of this.#keptSchemas.values())
      yield { facts, nextTryMs: null };
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
    if (this.#options.needed.includes("kafka")) this.reached("kafka");
  }

  reached(server: Server): void {
    this.#reached.add(server);
    this.#away.delete(server);
  }

  notReached(server: Server, error: unknown, waitMs: number): void {
    const nowMs = this.#nowMs;
    const sinceMs = this.#away.get(server)?.sinceMs ?? nowMs;
    const facts = awayFacts(server, error);
    this.#away.set(server, { facts, sinceMs, nextTryMs: nowMs + waitMs });
  }

  requested({ endpoint, status }: RequestReport): void {
    if (status < 200 || status >= 300) return;
    if (endpoint === "custom_fields") return;
    this.#reached.add("sell");
    const attempts = { start: "start", queue: "fetch", ack: "acknowledge" };
    this.#failing.delete(attempts[endpoint] as Attempt);
  }

  retrying(
    what: Attempt,
    error: unknown,
    failures: number,
    waitMs: number | null,
  ): void {
    const nowMs = this.#nowMs;
    this.#failing.set(what, {
      facts: attemptFacts(what, error),
      failures,
      sinceMs: this.#failing.get(what)?.sinceMs ?? nowMs,
      nextTryMs: waitMs === null ? null : nowMs + waitMs,
    });
  }

  schemaKept(subject: string, why: Cause | null): void {
    if (why === null) this.#keptSchemas.delete(subject);
    else this.#keptSchemas.set(subject, schemaKeptFacts(why));
  }

  settled(outcomes: readonly Outcome[]): void {
    if (outcomes.every(({ fate }) => fate.kind === "deferred")) return;
    this.#failing.delete("publish");
    this.#failing.delete("registry");
    for (const server of this.#options.needed) this.reached(server);
  }

  drainStarted(): void {
    this.#isResting = false;
  }

  drainEnded(end: DrainEnd, problems: readonly DrainProblem[]): void {
    this.#failing.clear();
    if (end === "stopped") return;
    this.#lastDrain = problems.flatMap((one) => problemFacts(one) ?? []);
  }

  resting(waitMs: number): void {
    this.#nextDrainMs = this.#nowMs + waitMs;
    this.#isResting = true;
  }

  get #nowMs(): number {
    return this.#options.time.nowMs;
  }

  *#standing(): Generator<Sighting<TroubleFacts>> {
    for (const [what, failing] of this.#failing) {
      const { failures, sinceMs } = failing;
      const isLong = this.#nowMs - sinceMs >= STANDING_MS;
      if (isLong || failures >= STANDING_FAILURES[what]) yield failing;
    }
  }
}
