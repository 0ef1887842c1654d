import { Berth, type BerthOptions, type Stay } from "./connector-runner.ts";

/** The connectors of this process, by name. */
export class Fleet {
  readonly #options: BerthOptions;
  readonly #berths = new Map<string, Berth>();

  constructor(options: BerthOptions) {
    this.#options = options;
  }

  /** What is to run from now on, by name; everything else is stopped in order. */
  want(stays: ReadonlyMap<string, Stay>): void {
    for (const [name, berth] of this.#berths) {
      if (!stays.has(name)) berth.want(null);
      if (berth.isEmpty) this.#berths.delete(name);
    }
    for (const [name, stay] of stays) {
      let berth = this.#berths.get(name);
      if (berth === undefined) {
        berth = new Berth(this.#options);
        this.#berths.set(name, berth);
      }
      berth.want(stay);
    }
  }

  /** Null when the connector has nothing to do with this process. */
  berth(name: string): Pick<Berth, "state" | "failure"> | null {
    return this.#berths.get(name) ?? null;
  }

  /** Stops everything in order, all at once. */
  async stopped(): Promise<void> {
    await Promise.all(
      [...this.#berths.values()].map((berth) => berth.stopped()),
    );
  }
}
