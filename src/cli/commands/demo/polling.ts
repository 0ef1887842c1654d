import type { Connector } from "../../../app/connector.ts";

/** Drains a connector again and again in the background. Disposal gives up what it holds. */
export class Polling implements AsyncDisposable {
  /** Rejects when polling can't go on. */
  readonly ended: Promise<void>;
  readonly #stopping = new AbortController();
  readonly #givingUp = new AbortController();
  readonly #reason = new Error("the demo ends");

  constructor(connector: Pick<Connector, "poll">) {
    this.ended = connector.poll({
      stopping: this.#stopping.signal,
      givingUp: this.#givingUp.signal,
    });
    this.ended.catch(() => undefined);
  }

  /** Resolves once what is held is published and acknowledged, or is given up. */
  async stop(isGivenUp: boolean): Promise<void> {
    this.#stopping.abort(this.#reason);
    if (isGivenUp) this.#givingUp.abort(this.#reason);
    await this.ended.catch((error: unknown) => {
      if (error !== this.#reason) throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(true).catch(() => undefined);
  }
}
