import { setTimeout as delay } from "node:timers/promises";

const PROBE_EVERY_MS = 500;

/** Tells each check in a line of its own, and counts those that failed. */
export class Report {
  #passed = 0;
  #failed = 0;
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  get failed(): number {
    return this.#failed;
  }

  get total(): number {
    return this.#passed + this.#failed;
  }

  step(line: string): void {
    this.#say(line);
  }

  /** Runs a check. It fails by throwing; a text that it returns is told beside it. */
  async check(
    sentence: string,
    body: () => Promise<string | undefined>,
  ): Promise<void> {
    const startedMs = performance.now();
    const seconds = () =>
      `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
    try {
      const detail = await body();
      this.#passed++;
      const told = detail === undefined ? "" : `${detail}; `;
      this.#say(`  ok      ${sentence} (${told}${seconds()})`);
    } catch (error) {
      this.#failed++;
      const { message } = error as Error;
      this.#say(`  FAILED  ${sentence} (${seconds()})`);
      this.#say(message.replace(/^/gm, "          "));
    }
  }
}

/** Throws with what was expected, unless it holds. */
export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Waits until a look returns null; rejects with what it returned last when that takes too long. */
export async function eventually(
  withinMs: number,
  look: () => Promise<string | null>,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const problem = await look().catch((error: unknown) =>
      error instanceof Error ? error.message : "it failed",
    );
    if (problem === null) return;
    if (performance.now() > untilMs)
      throw new Error(`after ${withinMs / 1_000} s: ${problem}`);
    await delay(PROBE_EVERY_MS);
  }
}
