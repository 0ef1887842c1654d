import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Logger } from "pino";
import {
  GroupMember,
  type GroupTiming,
  type Whereabouts,
} from "./group-member.ts";
import { reasonOf } from "../lib/reason-of.ts";
import { slotsIn } from "./slots-topic.ts";
import type { FleetTrouble } from "../observe/status/fleet-status.ts";
import { abortable } from "../lib/abortable.ts";
import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Lease } from "./lease.ts";
import type { Assignments } from "./assignments.ts";
import { SlotLeases, type LeaseTiming } from "./slot-leases.ts";
import { slotOf } from "./slots.ts";
import { CLUSTER_TOPIC } from "../lib/kafka-topics.ts";

export interface MembershipOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Other connectors may, or may no longer, run here. */
  readonly changed: () => void;
}

/**
 * The lease is shorter than the session, and a slot settles for longer than a lease. An instance
 * that joins extends its lease once: the group then waits for it for `rebalanceMs`, so
 * `leaseMs` may not be longer than that and `settleMs` together allow.
 */
const TIMING: GroupTiming & LeaseTiming = {
  sessionMs: 10_000,
  rebalanceMs: 4_000,
  heartbeatMs: 1_000,
  leaseMs: 5_000,
  settleMs: 7_000,
};

const ERROR_FROM = 3;

/** This instance's part in a group that shares out the connectors by Kafka's consumer group protocol. */
export class Membership implements Assignments, AsyncDisposable {
  readonly #options: MembershipOptions;
  readonly #leases: SlotLeases;
  readonly #waits: Backoff;
  #member: GroupMember | null = null;
  #slots = 1;
  #whereabouts: Whereabouts = { instances: [], bySlot: new Map() };
  #problem: string | null = "the group has not been joined yet";
  #toldProblem: string | null = null;
  #waiting = new AbortController();

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#leases = new SlotLeases(TIMING, options.clock);
    this.#waits = new Backoff(options.clock, { baseMs: 500, capMs: 5_000 });
  }

  get group(): string {
    return this.#options.group;
  }

  /** Joins the group and stays in it, as often as it takes; rejects with the signal's reason. */
  async join(signal: AbortSignal): Promise<never> {
    for (;;) {
      let reason: unknown;
      try {
        const member = await this.#joinOnce(signal);
        this.#member = member;
        reason = await abortable(member.crashed, signal);
        await member[Symbol.asyncDispose]();
      } catch (error) {
        signal.throwIfAborted();
        reason = error;
      }
      this.#failed(reason);
      await this.#waits.failed(signal);
    }
  }

  leaseOf(name: string): Lease | null {
    return this.#leases.of(slotOf(name, this.#slots));
  }

  runsOn(name: string): string | null {
    return this.#whereabouts.bySlot.get(slotOf(name, this.#slots)) ?? null;
  }

  instances(): readonly string[] {
    return this.#whereabouts.instances;
  }

  trouble(): FleetTrouble | null {
    return this.#problem === null
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
    this.#waiting.abort();
    this.#leases.left();
    await this.#member?.[Symbol.asyncDispose]();
  }

  async #joinOnce(signal: AbortSignal): Promise<GroupMember> {
    const { kafka, group, instance, clock } = this.#options;
    const leases = this.#leases;
    const slots = await slotsIn(kafka, signal);
    // With another number of slots, every connector has another place.
    if (slots !== this.#slots) leases.assigned([], 0);
    this.#slots = slots;
    return GroupMember.join({
      kafka,
      group,
      topic: CLUSTER_TOPIC,
      timing: TIMING,
      clock,
      joining: () => {
        leases.joining();
        return { instance, slots, held: leases.slots };
      },
      assigned: (own, sentMs) => {
        this.#assigned(own, sentMs);
      },
      renewed: (sentMs) => {
        if (leases.renewed(sentMs)) this.#settle();
      },
      left: () => {
        leases.left();
      },
      told: (whereabouts) => {
        this.#whereabouts = whereabouts;
      },
    });
  }

  #assigned(slots: readonly number[], sentMs: number): void {
    const { logger, group } = this.#options;
    this.#problem = null;
    this.#toldProblem = null;
    this.#waits.succeeded();
    this.#leases.assigned(slots, sentMs);
    logger.info(
      { group, slots: slots.length, of: this.#slots },
      "group joined",
    );
    this.#settle();
  }

  /** Has the slots used whose time has come, and comes again when it is time for the next. */
  #settle(): void {
    const { clock, changed } = this.#options;
    this.#waiting.abort();
    this.#waiting = new AbortController();
    const waitMs = this.#leases.begin();
    changed();
    if (waitMs === null) return;
    void clock.sleep(waitMs, this.#waiting.signal).then(
      () => {
        this.#settle();
      },
      () => undefined,
    );
  }

  #failed(error: unknown): void {
    const reason = reasonOf(error);
    const isLasting = this.#waits.failures + 1 >= ERROR_FROM;
    // A new cluster makes the topic of its groups only when it is asked for one.
    if (isLasting && this.#toldProblem !== reason) {
      this.#options.logger.error({ reason }, "the group can't be joined");
      this.#toldProblem = reason;
    }
    this.#problem = reason;
  }
}
