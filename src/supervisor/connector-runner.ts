import { once } from "node:events";
import { reasonOf } from "../lib/text/reason-of.ts";
import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Lease } from "../cluster/lease.ts";
import type { AcceptedConfig } from "./accepted-configs.ts";

/** A connector to run: its configuration, and the lease for it. */
export interface Assignment extends AcceptedConfig {
  readonly lease: Lease;
}

/** Runs a connector until `stopping`, then stops it gracefully; rejects when it can't go on. */
type Run = (assignment: Assignment, stopping: AbortSignal) => Promise<void>;

export interface RunnerOptions {
  readonly run: Run;
  readonly clock: Clock;
  /** A connector failed; it is started again later. */
  readonly failed: (assignment: Assignment, error: unknown) => void;
}

const RESTART_WAIT = { baseMs: 5_000, capMs: 300_000 };

/** Runs one connector as it was last assigned, and starts it again when it ends. It never runs twice at once. */
export class ConnectorRunner {
  readonly #options: RunnerOptions;
  /** Carried over assignments: a connector that fails under each of them waits longer each time. */
  readonly #restarts: Backoff;
  #wanted: Assignment | null = null;
  #changed = new AbortController();
  #work = Promise.resolve();
  #failure: string | null = null;
  #isRunning = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#restarts = new Backoff(options.clock, RESTART_WAIT);
  }

  /** True when nothing runs and nothing is wanted. */
  get isIdle(): boolean {
    return this.#wanted === null && !this.#isRunning;
  }

  get state(): "running" | "stopping" | "failed" | "waiting" {
    if (this.#isRunning)
      return this.#changed.signal.aborted || this.#wanted === null
        ? "stopping"
        : "running";
    return this.#failure === null ? "waiting" : "failed";
  }

  /** Why it does not run, when it failed. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Sets what runs from now on, null for nothing. Stops what runs first, unless it is the same. */
  want(assignment: Assignment | null): void {
    const { print, lease } = this.#wanted ?? {};
    if (assignment?.print === print && assignment?.lease === lease) return;
    this.#wanted = assignment;
    this.#changed.abort(new Error("another configuration or lease"));
    this.#work = this.#work.then(() => this.#runWanted());
  }

  /** Stops the connector, and resolves once it has ended. */
  async stop(): Promise<void> {
    this.want(null);
    await this.#work;
  }

  async #runWanted(): Promise<void> {
    while (this.#wanted !== null) {
      this.#changed = new AbortController();
      await this.#runOnce(this.#wanted, this.#changed.signal);
    }
  }

  /** Ends when another assignment is wanted, or when it is time to start the same again. */
  async #runOnce(assignment: Assignment, changed: AbortSignal): Promise<void> {
    const { run, failed } = this.#options;
    const { expired } = assignment.lease;
    this.#failure = null;
    this.#isRunning = true;
    try {
      await run(assignment, AbortSignal.any([changed, expired]));
      this.#restarts.succeeded();
    } catch (error) {
      if (!changed.aborted && !expired.aborted) {
        this.#failure = reasonOf(error);
        failed(assignment, error);
      }
    } finally {
      this.#isRunning = false;
    }
    if (changed.aborted) return;
    if (expired.aborted) await once(changed, "abort");
    else await this.#restarts.failed(changed).catch(() => undefined);
  }
}
