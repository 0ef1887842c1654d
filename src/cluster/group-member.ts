import { UnavailableFault } from "../domain/faults.ts";
import { errorTypeOf } from "../kafka/client/errors.ts";
import type { GroupCoordinator } from "../kafka/group/group-coordinator.ts";
import type { Clock } from "../lib/clock.ts";

export interface GroupMemberOptions {
  readonly coordinator: GroupCoordinator;
  readonly timing: GroupTiming;
  readonly clock: Clock;
  /** Called before each join: from then on, others may be assigned what this member has. Returns its metadata. */
  readonly joining: () => Buffer;
  /** Decides, as the leader, what each member is told; from the metadata of all. */
  readonly lead: (
    members: ReadonlyMap<string, Buffer>,
  ) => ReadonlyMap<string, Buffer>;
  /** The leader told this member its assignment. The request was sent at `sentMs`, a moment of `uptimeMs`. */
  readonly assigned: (assignment: GroupAssignment, sentMs: number) => void;
  /** The group confirmed this member and its assignment in answer to a request of `sentMs`, a moment of `uptimeMs`. */
  readonly renewed: (sentMs: number) => void;
  /** The group removed this member, or may have. */
  readonly left: () => void;
  /** Whether the member is to join again, with other metadata. */
  readonly hasNews: () => boolean;
}

export interface GroupTiming {
  /** The group waits so long for members that have to join again. */
  readonly rebalanceMs: number;
  readonly heartbeatMs: number;
}

export interface GroupAssignment {
  readonly generation: number;
  readonly memberId: string;
  readonly bytes: Buffer;
}

/** A live coordinator answers a request that waits for no other member in a fraction of this time. */
const ANSWER_MS = 3_000;
/** Seed brokers and the coordinator are looked for within it, login included. */
const CONNECT_MS = 60_000;
/** The wait before it joins again when the group has changed once more meanwhile. */
const REJOIN_MS = 100;

/** A member of a Kafka group of its own kind, which reads no topics (as a worker of Kafka Connect). */
export class GroupMember implements AsyncDisposable {
  readonly #options: GroupMemberOptions;
  /** Empty until the group has given one; kept over connections, so that the group knows the member again. */
  #memberId = "";
  /** Null while it has to join. */
  #generation: number | null = null;
  #nextHeartbeatMs = 0;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
  }

  /**
   * Joins the group, and stays in it. Calls `confirmed` after each success. Rejects when something
   * goes wrong; the next call goes on from there.
   */
  async stay(confirmed: () => void, signal: AbortSignal): Promise<never> {
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.#step(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#noteFailure(error);
        throw error;
      }
      confirmed();
    }
  }

  /** Leaves the group, so that others need not wait for the end of its session. Call it once `stay` has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { coordinator, timing } = this.#options;
    const memberId = this.#memberId;
    const never = new AbortController().signal;
    // A JoinGroup that is under way is answered first.
    const mostMs = timing.rebalanceMs + ANSWER_MS;
    if (memberId !== "")
      await this.#within(mostMs, never, "LeaveGroup", () =>
        coordinator.leave(memberId),
      ).catch(() => undefined);
    coordinator.reset();
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { coordinator } = this.#options;
    await this.#within(CONNECT_MS, signal, "FindCoordinator", () =>
      coordinator.connect(),
    );
    const generation = this.#generation;
    if (generation === null) await this.#join(signal);
    else await this.#beat(generation, signal);
  }

  async #beat(generation: number, signal: AbortSignal): Promise<void> {
    const { coordinator, timing, clock, renewed, hasNews } = this.#options;
    const waitMs = this.#nextHeartbeatMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    this.#nextHeartbeatMs = clock.monotonicMs() + timing.heartbeatMs;
    const sentMs = clock.uptimeMs();
    try {
      await this.#within(ANSWER_MS, signal, "Heartbeat", () =>
        coordinator.heartbeat(generation, this.#memberId),
      );
      renewed(sentMs);
      if (hasNews()) this.#generation = null;
    } catch (error) {
      if (!isRebalance(error)) throw error;
      // The group waits for this member, which has its assignment until the others have joined.
      renewed(sentMs);
      this.#generation = null;
    }
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { coordinator, timing, clock, joining, lead, left } = this.#options;
    // The coordinator waits for the other members, and then for the leader.
    const mostMs = timing.rebalanceMs + ANSWER_MS;
    const metadata = joining();
    const former = this.#memberId;
    const { generation, memberId, members } = await this.#within(
      mostMs,
      signal,
      "JoinGroup",
      () => coordinator.join({ memberId: former, metadata }),
    );
    if (former !== "" && memberId !== former) left();
    this.#memberId = memberId;
    const assignments = members === null ? new Map() : lead(members);
    const sentMs = clock.uptimeMs();
    try {
      const bytes = await this.#within(mostMs, signal, "SyncGroup", () =>
        coordinator.sync({ generation, memberId, assignments }),
      );
      this.#options.assigned({ generation, memberId, bytes }, sentMs);
      this.#generation = generation;
      this.#nextHeartbeatMs = clock.monotonicMs() + timing.heartbeatMs;
    } catch (error) {
      if (!isRebalance(error)) throw error;
      await clock.sleep(REJOIN_MS, signal);
    }
  }

  #noteFailure(error: unknown): void {
    const { coordinator, left } = this.#options;
    const type = errorTypeOf(error) ?? "";
    if (forgetting.has(type)) this.#memberId = "";
    if (forgetting.has(type) || type === "ILLEGAL_GENERATION") {
      this.#generation = null;
      left();
    } else coordinator.reset();
  }

  async #within<T>(
    ms: number,
    signal: AbortSignal,
    what: string,
    task: () => Promise<T>,
  ): Promise<T> {
    const done = new AbortController();
    const isLate = this.#options.clock
      .sleep(ms, AbortSignal.any([signal, done.signal]))
      .then(() => {
        throw new UnavailableFault(
          `the coordinator of the group did not answer (${what}) within ${ms / 1_000} s`,
        );
      });
    // Whichever of the two comes second must not be an unhandled rejection.
    isLate.catch(() => undefined);
    const result = task();
    result.catch(() => undefined);
    try {
      return await Promise.race([result, isLate]);
    } finally {
      done.abort();
    }
  }
}

/** The group knows the member no more: it has to join as a new one. */
const forgetting = new Set(["UNKNOWN_MEMBER_ID", "FENCED_INSTANCE_ID"]);

function isRebalance(error: unknown): boolean {
  return errorTypeOf(error) === "REBALANCE_IN_PROGRESS";
}
