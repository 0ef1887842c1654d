import {
  ConnectorRunner,
  type RunnerOptions,
  type Assignment,
} from "./connector-runner.ts";

/** Runs the connectors of this process, each by its own runner. */
export class Supervisor {
  readonly #options: RunnerOptions;
  readonly #runners = new Map<string, ConnectorRunner>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Sets the connectors that run from now on, by name; stops all others gracefully. */
  want(wanted: ReadonlyMap<string, Assignment>): void {
    for (const [name, runner] of this.#runners) {
      if (!wanted.has(name)) runner.want(null);
      if (runner.isIdle) this.#runners.delete(name);
    }
    for (const [name, assignment] of wanted) {
      let runner = this.#runners.get(name);
      if (runner === undefined) {
        runner = new ConnectorRunner(this.#options);
        this.#runners.set(name, runner);
      }
      runner.want(assignment);
    }
  }

  /** Null for a connector that this process does not run. */
  runner(name: string): Pick<ConnectorRunner, "state" | "failure"> | null {
    return this.#runners.get(name) ?? null;
  }

  /** Stops all connectors gracefully, at the same time. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#runners.values()].map((runner) => runner.stop()),
    );
  }
}
