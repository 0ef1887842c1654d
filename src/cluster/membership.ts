import type { Kafka } from "../kafka/client/kafkajs.ts";
import type { Logger } from "pino";
import { hash } from "node:crypto";
import {
  GroupMember,
  type GroupTiming,
  type GroupDescription,
} from "./group-member.ts";
import { brokerReason } from "../kafka/client/errors.ts";
import { ensureSlotsTopic } from "./slots-topic.ts";
import type { ProcessTrouble } from "../domain/supervision.ts";
import { abortable } from "../lib/abortable.ts";
import { retry } from "../lib/retry.ts";
import type { Clock } from "../lib/clock.ts";
import type { Lease } from "./lease.ts";
import type { Assignments } from "./assignments.ts";
import { SlotLeases, type LeaseTiming } from "./slot-leases.ts";
import { CLUSTER_TOPIC } from "../lib/kafka-topics.ts";

export interface MembershipOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This instance may run other connectors than before. */
  readonly changed: () => void;
}

/**
 * A lease is shorter than a session, and a new slot waits longer than a lease lasts. An instance that
 * joins extends its leases once, while the group waits `rebalanceMs` for it: `leaseMs` must be less
 * than `rebalanceMs` and `settleMs` together.
 */
const TIMING: GroupTiming & LeaseTiming = {
  sessionMs: 10_000,
  rebalanceMs: 4_000,
  heartbeatMs: 1_000,
  leaseMs: 5_000,
  settleMs: 7_000,
};

const REJOIN_WAIT = { baseMs: 500, capMs: 5_000 };

/** A new cluster creates the topic of its groups only at the first request: early failures are no error. */
const ERROR_FROM = 3;

/** This instance's membership in a group of instances, to which Kafka's group protocol assigns connectors. */
export class Membership implements Assignments, AsyncDisposable {
  readonly #options: MembershipOptions;
  readonly #leases: SlotLeases;
  #member: GroupMember | null = null;
  #slots = 1;
  #description: GroupDescription = {
    instances: [],
    instanceBySlot: new Map(),
  };
  #problem: string | null = "the group has not been joined yet";
  #toldProblem: string | null = null;
  #nextUse = new AbortController();

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#leases = new SlotLeases(TIMING, options.clock);
  }

  get group(): string {
    return this.#options.group;
  }

  /** Joins the group and stays in it, as often as it takes; rejects with the signal's reason. */
  join(signal: AbortSignal): Promise<never> {
    const { clock } = this.#options;
    const failed = (error: unknown, failures: number) => {
      this.#failed(error, failures);
    };
    return retry(
      (joined) => this.#joinOnce(joined, signal),
      { clock, waits: REJOIN_WAIT, isRetryable: () => true, failed },
      signal,
    );
  }

  leaseOf(name: string): Lease | null {
    return this.#leases.of(slotOf(name, this.#slots));
  }

  runsOn(name: string): string | null {
    return (
      this.#description.instanceBySlot.get(slotOf(name, this.#slots)) ?? null
    );
  }

  instances(): readonly string[] {
    return this.#description.instances;
  }

  trouble(): ProcessTrouble | null {
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
    this.#nextUse.abort();
    this.#leases.left();
    await this.#member?.[Symbol.asyncDispose]();
  }

  /** Joins the group, and rejects once this instance is no member any more. */
  async #joinOnce(joined: () => void, signal: AbortSignal): Promise<never> {
    const member = await this.#startMember(joined, signal);
    this.#member = member;
    const crash = await abortable(member.crashed, signal);
    await member[Symbol.asyncDispose]();
    throw crash;
  }

  async #startMember(
    joined: () => void,
    signal: AbortSignal,
  ): Promise<GroupMember> {
    const { kafka, group, instance, clock } = this.#options;
    const leases = this.#leases;
    const slots = await ensureSlotsTopic(kafka, signal);
    // With another number of slots, connectors belong to other slots.
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
        joined();
        this.#assigned(own, sentMs);
      },
      renewed: (sentMs) => {
        if (leases.renewed(sentMs)) this.#useLeases();
      },
      left: () => {
        leases.left();
      },
      described: (description) => {
        this.#description = description;
      },
    });
  }

  #assigned(slots: readonly number[], sentMs: number): void {
    const { logger, group } = this.#options;
    this.#problem = null;
    this.#toldProblem = null;
    this.#leases.assigned(slots, sentMs);
    logger.info(
      { group, slots: slots.length, of: this.#slots },
      "group joined",
    );
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

/** The slot of a connector: the same on every instance, whatever other connectors there are. */
function slotOf(connectorName: string, slots: number): number {
  return hash("md5", connectorName, "buffer").readUInt32BE(0) % slots;
}
