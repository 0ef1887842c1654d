import { clearLine, cursorTo } from "node:readline";
import type { WriteStream } from "node:tty";

/** Tells how many kills there were, when the rest will be done, and in which phases: one line that changes on a terminal, a line for each kill elsewhere. */
export class Progress {
  readonly #stream: WriteStream;
  readonly #total: number;
  readonly #startedMs = performance.now();
  readonly #byPhase = new Map<string, number>();
  #kills = 0;

  constructor(stream: WriteStream, total: number) {
    this.#stream = stream;
    this.#total = total;
  }

  killed(phase: string): void {
    this.#kills++;
    const ofPhase = (this.#byPhase.get(phase) ?? 0) + 1;
    this.#byPhase.set(phase, ofPhase);
    const elapsedMs = performance.now() - this.#startedMs;
    const totalMs = (elapsedMs / this.#kills) * this.#total;
    const count = String(this.#kills).padStart(String(this.#total).length);
    const line = `  kill ${count} of ${this.#total}, ${clock(elapsedMs)} of about ${clock(totalMs)}: ${phase} (${ofPhase})`;
    this.#clear();
    this.#stream.write(this.#stream.isTTY ? line : `${line}\n`);
  }

  /** Leaves the line to others. */
  end(): void {
    this.#clear();
  }

  #clear(): void {
    if (!this.#stream.isTTY) return;
    clearLine(this.#stream, 0);
    cursorTo(this.#stream, 0);
  }
}

/** Minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
