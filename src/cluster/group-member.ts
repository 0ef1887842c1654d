import type { Consumer, Kafka } from "../kafka/client/kafkajs.ts";
import type { Clock } from "../lib/clock.ts";
import {
  readClaim,
  slotAssigner,
  readSlots,
  type Claim,
} from "./slot-assigner.ts";

export interface GroupMemberOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topic: string;
  readonly timing: GroupTiming;
  readonly clock: Clock;
  /** The member calls this before each join: from then on, others may be assigned its slots. */
  readonly joining: () => Claim;
  /** The group assigned these slots and no others; the request was sent no earlier than `sentMs`, a moment of `uptimeMs`. */
  readonly assigned: (slots: readonly number[], sentMs: number) => void;
  /** The group confirmed a heartbeat that was sent no earlier than `sentMs`, a moment of `uptimeMs`. */
  readonly renewed: (sentMs: number) => void;
  /** The member left the group, or may have. */
  readonly left: () => void;
  /** The group's members and their slots have changed. */
  readonly described: (group: GroupDescription) => void;
}

export interface GroupTiming {
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly heartbeatMs: number;
}

export interface GroupDescription {
  readonly instances: readonly string[];
  readonly instanceBySlot: ReadonlyMap<number, string>;
}

/** A member of a consumer group that reads no records: the partitions that it is assigned are its slots. */
export class GroupMember implements AsyncDisposable {
  readonly #options: GroupMemberOptions;
  readonly #consumer: Consumer;
  readonly #crash = Promise.withResolvers<Error>();
  /** The end of the first fetch since the last heartbeat: the next heartbeat is sent after it. */
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
      // kafkajs counts the interval by the wall clock, which may be set back, so a heartbeat follows each fetch.
      heartbeatInterval: -Infinity,
      maxWaitTimeInMs: timing.heartbeatMs,
      allowAutoTopicCreation: false,
      partitionAssigners: [slotAssigner(topic, joining)],
      // `Membership` joins again: kafkajs gives up for good on some errors that pass.
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    this.#listen();
  }

  /** Joins the group, and stays in it until `crashed`. The topic must exist; rejects when Kafka can't be reached. */
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

  /** Resolves with the reason once it is no member any more. */
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
    // kafkajs measures its requests by the wall clock, so the event before each request bounds its time.
    consumer.on(events.REQUEST, ({ payload: { apiName } }) => {
      // The assignment comes with SyncGroup, which follows JoinGroup.
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
      void this.#describeGroup();
    });
    consumer.on(events.STOP, left);
    consumer.on(events.CRASH, ({ payload }) => {
      left();
      this.#crash.resolve(payload.error);
    });
  }

  async #describeGroup(): Promise<void> {
    const { topic, described } = this.#options;
    try {
      const { members } = await this.#consumer.describeGroup();
      const instanceBySlot = new Map<number, string>();
      const instances = members.map(({ memberMetadata, memberAssignment }) => {
        const { instance } = readClaim(memberMetadata);
        for (const slot of readSlots(memberAssignment, topic))
          instanceBySlot.set(slot, instance);
        return instance;
      });
      described({ instances: instances.sort(), instanceBySlot });
    } catch {
      // Only people read the description, and the next change brings another.
    }
  }
}
