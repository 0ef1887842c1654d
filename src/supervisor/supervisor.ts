import {
  ConnectorRunner,
  type RunnerOptions,
  type Assignment,
} from "./connector-runner.ts";

/** The connectors of this process, by name. */
export class Supervisor {
  readonly #options: RunnerOptions;
  readonly #runners = new Map<string, ConnectorRunner>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** What is to run from now on, by name; everything else is stopped in order. */
  want(wanted: ReadonlyMap<string, Assignment>): void {
    for (const [name, runner] of this.#runners) {
      if (!wanted.has(name)) runner.want(null);
      if (runner.isEmpty) this.#runners.delete(name);
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

  /** Null when the connector has nothing to do with this process. */
  runner(name: string): Pick<ConnectorRunner, "state" | "failure"> | null {
    return this.#runners.get(name) ?? null;
  }

  /** Stops everything in order, all at once. */
  async stopped(): Promise<void> {
    await Promise.all(
      [...this.#runners.values()].map((runner) => runner.stopped()),
    );
  }
}
