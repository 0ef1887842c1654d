import type {
  GroupCoordinator,
  Joined,
  JoinRequest,
  SyncRequest,
} from "../../../src/kafka/group/group-coordinator.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import { groupError } from "./scripted-coordinator.ts";

interface Member {
  metadata: Buffer;
  heardMs: number;
  joining: PromiseWithResolvers<Joined> | null;
  syncing: PromiseWithResolvers<Buffer> | null;
  assignment: Buffer;
}

const SESSION_MS = 10_000;
const REBALANCE_MS = 4_000;

/** A group as a broker coordinates it (Kafka's classic group protocol), in memory. */
export class SimulatedGroup implements Omit<
  GroupCoordinator,
  "connect" | "reset"
> {
  readonly #clock: Clock;
  readonly #initialDelayMs: number;
  readonly #members = new Map<string, Member>();
  #state: "stable" | "joining" | "syncing" = "stable";
  #generation = 0;
  #leader = "";
  #lastId = 0;
  #joinUntilMs = 0;

  constructor(clock: Clock, initialDelayMs: number) {
    this.#clock = clock;
    this.#initialDelayMs = initialDelayMs;
  }

  join({ memberId, metadata }: JoinRequest): Promise<Joined> {
    const nowMs = this.#clock.monotonicMs();
    const id = memberId === "" ? `m${++this.#lastId}` : memberId;
    let member = this.#members.get(id);
    if (member === undefined && memberId !== "") return unknown();
    const isUnchanged = member?.metadata.equals(metadata) === true;
    const isFollower = id !== this.#leader && this.#state === "stable";
    if (member !== undefined && isUnchanged)
      if (isFollower || this.#state === "syncing")
        return Promise.resolve(this.#joined(id));
    if (this.#state !== "joining") {
      const isEmpty = this.#members.size === 0;
      this.#rebalance(isEmpty ? this.#initialDelayMs : REBALANCE_MS);
    }
    const joining = Promise.withResolvers<Joined>();
    member?.joining?.reject(unknownMember());
    member ??= {
      metadata,
      heardMs: nowMs,
      joining,
      syncing: null,
      assignment: Buffer.alloc(0),
    };
    Object.assign(member, { metadata, joining, heardMs: nowMs });
    this.#members.set(id, member);
    this.tick();
    return joining.promise;
  }

  sync({ generation, memberId, assignments }: SyncRequest): Promise<Buffer> {
    const refusal = this.#refusal(generation, memberId);
    if (refusal !== null) return Promise.reject(refusal);
    const member = this.#members.get(memberId);
    if (member === undefined) return unknown();
    member.heardMs = this.#clock.monotonicMs();
    if (this.#state === "stable") return Promise.resolve(member.assignment);
    member.syncing = Promise.withResolvers();
    const { promise } = member.syncing;
    if (memberId === this.#leader) {
      this.#state = "stable";
      for (const [id, one] of this.#members) {
        one.assignment = assignments.get(id) ?? Buffer.alloc(0);
        one.syncing?.resolve(one.assignment);
        one.syncing = null;
      }
    }
    return promise;
  }

  heartbeat(generation: number, memberId: string): Promise<void> {
    const member = this.#members.get(memberId);
    if (member !== undefined) member.heardMs = this.#clock.monotonicMs();
    const refusal = this.#refusal(generation, memberId);
    return refusal === null ? Promise.resolve() : Promise.reject(refusal);
  }

  leave(memberId: string): Promise<void> {
    if (!this.#members.has(memberId)) return unknown();
    this.#remove(memberId);
    return Promise.resolve();
  }

  /** Ends what has taken too long. */
  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, { heardMs, joining }] of this.#members)
      if (joining === null && nowMs - heardMs >= SESSION_MS) this.#remove(id);
    if (this.#state !== "joining") return;
    const isLate = nowMs >= this.#joinUntilMs;
    const members = [...this.#members.values()];
    const haveAll = members.every(({ joining }) => joining !== null);
    const mayEnd = this.#leader !== "" && haveAll && members.length > 0;
    if (isLate || mayEnd) this.#complete(nowMs);
  }

  /** A broker that knows nothing of the group takes over. */
  forget(): void {
    for (const { joining, syncing } of this.#members.values()) {
      joining?.reject(unknownMember());
      syncing?.reject(unknownMember());
    }
    this.#members.clear();
    this.#state = "stable";
    this.#leader = "";
    this.#generation = 0;
  }

  #refusal(generation: number, memberId: string): Error | null {
    if (!this.#members.has(memberId)) return unknownMember();
    if (generation !== this.#generation)
      return groupError("ILLEGAL_GENERATION");
    return this.#state === "joining"
      ? groupError("REBALANCE_IN_PROGRESS")
      : null;
  }

  #rebalance(withinMs: number): void {
    this.#state = "joining";
    this.#joinUntilMs = this.#clock.monotonicMs() + withinMs;
    for (const member of this.#members.values()) {
      member.syncing?.reject(groupError("REBALANCE_IN_PROGRESS"));
      member.syncing = null;
    }
  }

  #remove(memberId: string): void {
    const member = this.#members.get(memberId);
    member?.joining?.reject(unknownMember());
    member?.syncing?.reject(unknownMember());
    this.#members.delete(memberId);
    if (this.#state !== "joining") this.#rebalance(REBALANCE_MS);
  }

  #complete(nowMs: number): void {
    for (const [id, { joining }] of this.#members)
      if (joining === null) this.#members.delete(id);
    this.#generation++;
    const [first = ""] = this.#members.keys();
    // An empty group has no leader, and waits for more members once one has come.
    if (!this.#members.has(this.#leader)) this.#leader = first;
    this.#state = this.#members.size === 0 ? "stable" : "syncing";
    for (const [id, member] of this.#members) {
      member.joining?.resolve(this.#joined(id));
      member.joining = null;
      member.heardMs = nowMs;
    }
  }

  #joined(memberId: string): Joined {
    const metadata = [...this.#members].map(
      ([id, member]) => [id, member.metadata] as const,
    );
    return {
      generation: this.#generation,
      memberId,
      members: memberId === this.#leader ? new Map(metadata) : null,
    };
  }
}

function unknownMember(): Error {
  return groupError("UNKNOWN_MEMBER_ID");
}

function unknown(): Promise<never> {
  return Promise.reject(unknownMember());
}
