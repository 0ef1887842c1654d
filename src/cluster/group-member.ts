import type { Consumer, Kafka } from "../kafka/client/kafkajs.ts";
import type { Clock } from "../lib/clock.ts";
import { claimIn, slotAssigner, slotsIn, type Claim } from "./slot-assigner.ts";

export interface GroupMemberOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topic: string;
  readonly timing: GroupTiming;
  readonly clock: Clock;
  /** The member calls this before each join: from then on, others may get the slots it holds. */
  readonly joining: () => Claim;
  /** The group assigns these slots to the member, and no others; it asked no earlier than `sentMs`, a moment of `uptimeMs`. */
  readonly assigned: (slots: readonly number[], sentMs: number) => void;
  /** The group confirms a heartbeat that was sent no earlier than `sentMs`, a moment of `uptimeMs`. */
  readonly renewed: (sentMs: number) => void;
  /** The member left the group, or may have. */
  readonly left: () => void;
  /** Where each slot is, by instance; and all instances. */
  readonly told: (whereabouts: Whereabouts) => void;
}

export interface GroupTiming {
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly heartbeatMs: number;
}

export interface Whereabouts {
  readonly instances: readonly string[];
  readonly bySlot: ReadonlyMap<number, string>;
}

/** A member of a consumer group that reads nothing: what it gets are the partitions of a topic, as slots. */
export class GroupMember implements AsyncDisposable {
  readonly #options: GroupMemberOptions;
  readonly #consumer: Consumer;
  readonly #crash = Promise.withResolvers<Error>();
  /** The first fetch to end since the last heartbeat was answered: the next one is sent after it. */
  #fetchedMs: number | null = null;
  #heartbeatSentMs = -Infinity;
  #joinedMs = -Infinity;

  private constructor(options: GroupMemberOptions) {
    const { kafka, group, topic, timing, joining } = options;
    this.#options = options;
    this.#consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: timing.sessionMs,
      rebalanceTimeout: timing.rebalanceMs,
      // kafkajs counts the interval by the wall clock, which may be set back: one follows each fetch.
      heartbeatInterval: -Infinity,
      maxWaitTimeInMs: timing.heartbeatMs,
      allowAutoTopicCreation: false,
      partitionAssigners: [slotAssigner(topic, joining)],
      // Whoever joined it joins again: kafkajs gives up for good on some errors that pass.
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    this.#listen();
  }

  /** Joins the group, and stays in it until it crashes. The topic must exist; rejects when Kafka can't be reached. */
  static async join(options: GroupMemberOptions): Promise<GroupMember> {
    const member = new GroupMember(options);
    const consumer = member.#consumer;
    await consumer.connect();
    await consumer.subscribe({ topic: options.topic });
    await consumer.run({
      autoCommit: false,
      eachMessage: () => Promise.resolve(),
    });
    return member;
  }

  /** Why it is no member any more; never resolves while it is one. */
  get crashed(): Promise<Error> {
    return this.#crash.promise;
  }

  /** Leaves the group at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.disconnect().catch(() => undefined);
  }

  #listen(): void {
    const consumer = this.#consumer;
    const { topic, clock, assigned, renewed, left } = this.#options;
    const { events } = consumer;
    consumer.on(events.FETCH, () => {
      this.#fetchedMs ??= clock.uptimeMs();
    });
    // kafkajs measures its requests by the wall clock, so what came before each one bounds its time.
    consumer.on(events.REQUEST, ({ payload: { apiName } }) => {
      // SyncGroup follows the answer to JoinGroup.
      if (apiName === "JoinGroup") this.#joinedMs = clock.uptimeMs();
      if (apiName !== "Heartbeat") return;
      this.#heartbeatSentMs = this.#fetchedMs ?? this.#heartbeatSentMs;
      this.#fetchedMs = null;
    });
    consumer.on(events.HEARTBEAT, () => {
      renewed(this.#heartbeatSentMs);
    });
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      assigned(payload.memberAssignment[topic] ?? [], this.#joinedMs);
      void this.#lookAround();
    });
    consumer.on(events.STOP, left);
    consumer.on(events.CRASH, ({ payload }) => {
      left();
      this.#crash.resolve(payload.error);
    });
  }

  async #lookAround(): Promise<void> {
    const { topic, told } = this.#options;
    try {
      const { members } = await this.#consumer.describeGroup();
      const bySlot = new Map<number, string>();
      const instances = members.map(({ memberMetadata, memberAssignment }) => {
        const { instance } = claimIn(memberMetadata);
        for (const slot of slotsIn(memberAssignment, topic))
          bySlot.set(slot, instance);
        return instance;
      });
      told({ instances: instances.sort(), bySlot });
    } catch {
      // It is a help for people only, and comes again with the next change.
    }
  }
}
