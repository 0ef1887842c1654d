import type { Logger } from "pino";
import { UnavailableFault } from "../domain/faults.ts";
import type { ProcessTrouble } from "../domain/supervision.ts";
import { brokerReason } from "../kafka/client/errors.ts";
import type { GroupCoordinator } from "../kafka/group/group-coordinator.ts";
import type { Clock } from "../lib/clock.ts";
import { retry } from "../lib/retry.ts";
import type { Assignments } from "./assignments.ts";
import {
  connectorNumber,
  encodeClaim,
  readShares,
  type Share,
} from "./claim.ts";
import { ConnectorLeases } from "./connector-leases.ts";
import { GroupMember, type GroupAssignment } from "./group-member.ts";
import { lead } from "./group-leader.ts";
import { TIMING } from "./group-protocol.ts";
import type { Lease } from "./lease.ts";

export interface MembershipOptions {
  readonly coordinator: GroupCoordinator;
  readonly group: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This instance may run other connectors than before. */
  readonly changed: () => void;
}

const REJOIN_WAIT = { baseMs: 500, capMs: 5_000 };

/** Other instances see a file that was added or removed within this time, so that one rebalance takes all. */
const NEWS_WAIT_MS = 2_500;

/** A new cluster creates the topic of its groups only at the first request: early failures are no error. */
const ERROR_FROM = 3;

/** Why it is no member when nothing has failed. */
const NOT_JOINED = "the group has not been joined yet";
const UNSETTLED =
  "the group is being divided anew, which has not ended; another instance may say why";

/** This instance's membership in a group of instances, whose leader shares the connectors out. */
export class Membership implements Assignments, AsyncDisposable {
  readonly #options: MembershipOptions;
  readonly #leases: ConnectorLeases;
  readonly #member: GroupMember;
  readonly #looked = Promise.withResolvers<undefined>();
  readonly #ending = new AbortController();
  #staying: Promise<unknown> = Promise.resolve();
  #seen: ReadonlySet<number> = new Set();
  #claimed: ReadonlySet<number> = new Set();
  /** Since when it sees other connectors than it has claimed; null when it has claimed what it sees. */
  #newsMs: number | null = null;
  #shares: readonly Share[] = [];
  #instanceByConnector: ReadonlyMap<number, string> = new Map();
  #problem = NOT_JOINED;
  #toldProblem: string | null = null;
  #confirmedMs = -Infinity;
  #nextUse = new AbortController();

  constructor(options: MembershipOptions) {
    const { coordinator, clock } = options;
    this.#options = options;
    this.#leases = new ConnectorLeases(TIMING, clock);
    this.#member = new GroupMember({
      coordinator,
      timing: TIMING,
      clock,
      joining: () => this.#claim(),
      lead,
      assigned: (assignment, sentMs) => {
        this.#assigned(assignment, sentMs);
      },
      renewed: (sentMs) => {
        this.#confirmed(sentMs);
        if (this.#leases.renewed(sentMs)) this.#useLeases();
      },
      left: () => {
        this.#left();
      },
      hasNews: () => this.#hasNews(),
    });
  }

  get group(): string {
    return this.#options.group;
  }

  /** Joins the group once the folder was looked at, and stays in it until this is disposed of. */
  start(): void {
    const { clock } = this.#options;
    const { signal } = this.#ending;
    const failed = (error: unknown, failures: number) => {
      this.#failed(error, failures);
    };
    this.#staying = this.#looked.promise
      .then(() =>
        retry(
          (confirmed) => this.#member.stay(confirmed, signal),
          { clock, waits: REJOIN_WAIT, isRetryable: () => true, failed },
          signal,
        ),
      )
      .catch(() => undefined);
  }

  sees(names: readonly string[]): void {
    const seen = new Set(names.map(connectorNumber));
    this.#seen = seen;
    const isClaimed =
      seen.size === this.#claimed.size &&
      [...seen].every((one) => this.#claimed.has(one));
    if (isClaimed) this.#newsMs = null;
    else this.#newsMs ??= this.#options.clock.monotonicMs();
    this.#looked.resolve(undefined);
  }

  leaseOf(name: string): Lease | null {
    return this.#leases.of(connectorNumber(name));
  }

  runsOn(name: string): string | null {
    return this.#instanceByConnector.get(connectorNumber(name)) ?? null;
  }

  instances(): readonly string[] {
    return this.#shares.map(({ instance }) => instance).sort();
  }

  trouble(): ProcessTrouble | null {
    const nowMs = this.#options.clock.uptimeMs();
    return nowMs < this.#confirmedMs + TIMING.leaseMs
      ? null
      : {
          code: "group",
          subject: null,
          reason: `it is no member of the group ${this.group}: ${this.#problem}`,
          remedy: "It tries to be one by itself; until then, it runs nothing.",
        };
  }

  /** Leaves the group, so that others take over at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error("this instance leaves the group"));
    this.#looked.resolve(undefined);
    this.#nextUse.abort();
    this.#leases.left();
    await this.#staying;
    await this.#member[Symbol.asyncDispose]();
  }

  #claim(): Buffer {
    const { instance } = this.#options;
    const connectors = this.#seen;
    this.#claimed = connectors;
    this.#newsMs = null;
    this.#leases.joining();
    const held = this.#leases.held.filter((one) => connectors.has(one));
    return encodeClaim({ instance, connectors, held });
  }

  #hasNews(): boolean {
    if (this.#newsMs === null) return false;
    // Nobody else has to look when this instance is alone.
    const waitMs = this.#shares.length > 1 ? NEWS_WAIT_MS : 0;
    return this.#options.clock.monotonicMs() - this.#newsMs >= waitMs;
  }

  #assigned(
    { generation, memberId, bytes }: GroupAssignment,
    sentMs: number,
  ): void {
    const { logger, group } = this.#options;
    const shares = readShares(bytes);
    if (shares === null)
      throw new UnavailableFault(
        "the leader of the group sent an assignment that can't be read; is it of another version?",
      );
    const own = new Set<number>();
    const others = new Set<number>();
    for (const share of shares)
      for (const connector of share.connectors)
        (share.memberId === memberId ? own : others).add(connector);
    this.#shares = shares;
    this.#instanceByConnector = new Map(
      shares.flatMap(({ instance, connectors }) =>
        connectors.map((connector) => [connector, instance] as const),
      ),
    );
    this.#confirmed(sentMs);
    this.#leases.assigned({ id: generation, own, others }, sentMs);
    const of = own.size + others.size;
    const facts = { group, connectors: own.size, of, instances: shares.length };
    logger.info(facts, "group joined");
    this.#useLeases();
  }

  #confirmed(sentMs: number): void {
    this.#confirmedMs = sentMs;
    this.#problem = UNSETTLED;
    this.#toldProblem = null;
  }

  #left(): void {
    this.#confirmedMs = -Infinity;
    this.#leases.left();
    this.#useLeases();
  }

  /** Makes the leases usable whose time has come, now and whenever the next one's time comes. */
  #useLeases(): void {
    const { clock, changed } = this.#options;
    this.#nextUse.abort();
    this.#nextUse = new AbortController();
    const waitMs = this.#leases.makeUsable();
    changed();
    if (waitMs === null) return;
    void clock.sleep(waitMs, this.#nextUse.signal).then(
      () => {
        this.#useLeases();
      },
      () => undefined,
    );
  }

  #failed(error: unknown, failures: number): void {
    const reason = brokerReason(error);
    if (failures >= ERROR_FROM && this.#toldProblem !== reason) {
      this.#options.logger.error({ reason }, "the group can't be joined");
      this.#toldProblem = reason;
    }
    this.#problem = reason;
  }
}
