import type {
  GroupCoordinator,
  Joined,
  JoinRequest,
  SyncRequest,
} from "../../../src/kafka/group/group-coordinator.ts";

/** An error as the brokers name it. */
export function groupError(type: string): Error {
  return Object.assign(new Error(type), { type });
}

/** The answer that never comes. */
export function silence(): Promise<never> {
  return new Promise(() => undefined);
}

type Answer = () => Promise<unknown>;
type Api = "connect" | "join" | "sync" | "heartbeat" | "leave";

/**
 * A coordinator of a group with one member, its leader, which may answer the next requests otherwise
 * than a group that is well.
 */
export class ScriptedCoordinator implements GroupCoordinator {
  /** Each request, as `join m1`. */
  readonly asked: string[] = [];
  readonly claims: Buffer[] = [];
  generation = 0;
  #members = 0;
  readonly #script = new Map<Api, Answer[]>();

  /** Answers the next request of a kind, after those that are planned for it. */
  next(api: Api, answer: Answer): void {
    this.#script.set(api, [...(this.#script.get(api) ?? []), answer]);
  }

  /** Fails the next request of a kind with an error of the brokers. */
  refuse(api: Api, type: string): void {
    this.next(api, () => Promise.reject(groupError(type)));
  }

  connect(): Promise<void> {
    return this.#answer("connect", () => undefined);
  }

  reset(): void {
    this.asked.push("reset");
  }

  join({ memberId, metadata }: JoinRequest): Promise<Joined> {
    this.asked.push(`join ${memberId}`.trim());
    this.claims.push(metadata);
    return this.#answer("join", () => {
      const id = memberId === "" ? `m${++this.#members}` : memberId;
      this.generation++;
      return {
        generation: this.generation,
        memberId: id,
        members: new Map([[id, metadata]]),
      };
    });
  }

  sync({ generation, memberId, assignments }: SyncRequest): Promise<Buffer> {
    this.asked.push(`sync ${generation}`);
    return this.#answer(
      "sync",
      () => assignments.get(memberId) ?? Buffer.alloc(0),
    );
  }

  heartbeat(generation: number, memberId: string): Promise<void> {
    this.asked.push(`heartbeat ${generation} ${memberId}`);
    return this.#answer("heartbeat", () => undefined);
  }

  leave(memberId: string): Promise<void> {
    this.asked.push(`leave ${memberId}`);
    return this.#answer("leave", () => undefined);
  }

  async #answer<T>(api: Api, healthy: () => T): Promise<T> {
    const planned = this.#script.get(api)?.shift();
    return planned === undefined ? healthy() : ((await planned()) as T);
  }
}
