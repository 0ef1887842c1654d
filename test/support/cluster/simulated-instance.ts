import { pino } from "pino";
import { Membership } from "../../../src/cluster/membership.ts";
import type { Lease } from "../../../src/cluster/lease.ts";
import type { GroupCoordinator } from "../../../src/kafka/group/group-coordinator.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import type { Random } from "../../../src/simulator/random.ts";
import { groupError, silence } from "./scripted-coordinator.ts";
import type { SimulatedGroup } from "./simulated-group.ts";

const never = new AbortController().signal;

export interface SimulatedInstanceOptions {
  readonly name: string;
  readonly group: SimulatedGroup;
  readonly clock: Clock;
  readonly random: Random;
}

/** An instance of a group that may stall, and whose network may lose or delay what it sends and receives. */
export class SimulatedInstance {
  readonly membership: Membership;
  readonly #options: SimulatedInstanceOptions;
  /** Every lease that it has had of a connector, by the connector's name. */
  readonly #leases = new Map<string, Set<Lease>>();
  #stalled: PromiseWithResolvers<undefined> | null = null;
  #isDead = false;
  isCutOff = false;
  isFaulty = true;

  constructor(options: SimulatedInstanceOptions) {
    this.#options = options;
    this.membership = new Membership({
      coordinator: this.#network(),
      group: "the-group",
      instance: options.name,
      clock: {
        ...clockOf(options.clock),
        sleep: async (ms, signal) => {
          await options.clock.sleep(ms, signal);
          await this.#awake();
        },
      },
      logger: pino({ level: "silent" }),
      changed: () => undefined,
    });
    this.membership.start();
  }

  /** Nothing in the process goes on until it is woken. */
  stall(): void {
    this.#stalled ??= Promise.withResolvers();
  }

  wake(): void {
    this.#stalled?.resolve(undefined);
    this.#stalled = null;
  }

  /** The process ends without a word. */
  kill(): void {
    this.#isDead = true;
    this.isCutOff = true;
  }

  /** Whether it may write for a connector, or is to begin now. */
  mayWrite(name: string): boolean {
    if (this.#isDead) return false;
    const leases = this.#leases.get(name) ?? new Set();
    this.#leases.set(name, leases);
    const lease = this.#stalled === null ? this.membership.leaseOf(name) : null;
    if (lease !== null) leases.add(lease);
    for (const one of leases)
      try {
        one.throwIfExpired();
        return true;
      } catch {
        leases.delete(one);
      }
    return false;
  }

  async #awake(): Promise<void> {
    while (this.#stalled !== null) await this.#stalled.promise;
    if (this.#isDead) await silence();
  }

  #network(): GroupCoordinator {
    const { group, clock, random } = this.#options;
    const pass = async () => {
      const isSlow = this.isFaulty && random.chance(0.03);
      await clock.sleep(random.integer(1, isSlow ? 3_500 : 40), never);
      const isLost = this.isFaulty && random.chance(0.02);
      if (this.isCutOff || isLost) await silence();
    };
    const ask = async <T>(request: () => Promise<T>): Promise<T> => {
      await pass();
      const answer = await Promise.allSettled([request()]);
      await pass();
      await this.#awake();
      if (answer[0].status === "rejected") throw answer[0].reason as Error;
      return answer[0].value;
    };
    return {
      connect: async () => {
        await clock.sleep(random.integer(1, 20), never);
        await this.#awake();
        if (this.isCutOff) throw groupError("GROUP_COORDINATOR_NOT_AVAILABLE");
      },
      reset: () => undefined,
      join: (request) => ask(() => group.join(request)),
      sync: (request) => ask(() => group.sync(request)),
      heartbeat: (generation, id) => ask(() => group.heartbeat(generation, id)),
      leave: (id) => ask(() => group.leave(id)),
    };
  }
}

function clockOf(clock: Clock): Clock {
  return {
    epochMs: () => clock.epochMs(),
    monotonicMs: () => clock.monotonicMs(),
    uptimeMs: () => clock.uptimeMs(),
    random: () => clock.random(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
