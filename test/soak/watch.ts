/** Told of each moment that a gate sees; what it holds back goes on when this resolves. */
export type Meets = (moment: string) => Promise<void>;

/** Waits for a moment of a connector's work, and holds everything from then on until the next one is waited for. */
export class Watch {
  #wanted: { moment: string; left: number; come: () => void } | null = null;
  #isHolding = false;

  readonly meets: Meets = async (moment) => {
    if (this.#wanted?.moment === moment && --this.#wanted.left === 0) {
      this.#wanted.come();
      this.#wanted = null;
      this.#isHolding = true;
    }
    // Whoever is held is killed before anything goes on.
    if (this.#isHolding) await new Promise(() => undefined);
  };

  /** Resolves when the moment has come that many times. */
  async until(moment: string, times: number): Promise<void> {
    this.#isHolding = false;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wanted = {
      moment,
      left: times,
      come: () => {
        resolve(undefined);
      },
    };
    await promise;
  }

  /** Lets everything pass from now on. */
  letPass(): void {
    this.#isHolding = false;
    this.#wanted = null;
  }
}
