import { once } from "node:events";
import { reasonOf } from "../lib/reason-of.ts";
import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Lease } from "../cluster/lease.ts";
import type { Accepted } from "./accepted-configs.ts";

/** A connector as it is to run. */
export interface Assignment extends Accepted {
  readonly lease: Lease;
}

/** Runs a connector until `stopping`, and stops it in order then; rejects when it can't go on. */
type Run = (assignment: Assignment, stopping: AbortSignal) => Promise<void>;

export interface RunnerOptions {
  readonly run: Run;
  readonly clock: Clock;
  /** A connector ended by itself; it is started again later. */
  readonly failed: (assignment: Assignment, error: unknown) => void;
}

const RESTART_WAIT = { baseMs: 5_000, capMs: 300_000 };

/** The place of one connector in the process: whatever is wanted when, it never runs twice at once. */
export class ConnectorRunner {
  readonly #options: RunnerOptions;
  readonly #waits: Backoff;
  #wanted: Assignment | null = null;
  #changed = new AbortController();
  #line = Promise.resolve();
  #failure: string | null = null;
  #isRunning = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#waits = new Backoff(options.clock, RESTART_WAIT);
  }

  /** Nothing runs, and nothing is to. */
  get isEmpty(): boolean {
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

  /** What is to run from now on; null for nothing. What runs and is no longer wanted is stopped first. */
  want(assignment: Assignment | null): void {
    const { print, lease } = this.#wanted ?? {};
    if (assignment?.print === print && assignment?.lease === lease) return;
    this.#wanted = assignment;
    this.#changed.abort(new Error("another configuration or place"));
    this.#line = this.#line.then(() => this.#work());
  }

  /** Resolves once nothing runs any more. */
  async stopped(): Promise<void> {
    this.want(null);
    await this.#line;
  }

  async #work(): Promise<void> {
    while (this.#wanted !== null) {
      this.#changed = new AbortController();
      await this.#once(this.#wanted, this.#changed.signal);
    }
  }

  /** Ends when something else is wanted, or when it is time to try the same again. */
  async #once(assignment: Assignment, changed: AbortSignal): Promise<void> {
    const { run, failed } = this.#options;
    const { lapsed } = assignment.lease;
    this.#failure = null;
    this.#isRunning = true;
    try {
      await run(assignment, AbortSignal.any([changed, lapsed]));
      this.#waits.succeeded();
    } catch (error) {
      if (!changed.aborted && !lapsed.aborted) {
        this.#failure = reasonOf(error);
        failed(assignment, error);
      }
    } finally {
      this.#isRunning = false;
    }
    if (changed.aborted) return;
    if (lapsed.aborted) await once(changed, "abort");
    else await this.#waits.failed(changed).catch(() => undefined);
  }
}
