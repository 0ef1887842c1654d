import type { SingleBar } from "cli-progress";
import { rateOf, terminalBar } from "./terminal-bar.ts";

/** Shows on a terminal which part of an audit is under way, how far it is, and how fast. */
export class AuditBar implements Disposable {
  readonly #bar: SingleBar;
  #done = 0;
  #startedMs = 0;
  #isShown = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#bar = terminalBar(
      stream,
      "{part} {bar} {percentage}% | {value}/{total} | {rate}/s | {eta_formatted} left",
    );
  }

  began(part: string, total: number | null): void {
    if (this.#isShown) this.#bar.stop();
    this.#done = 0;
    this.#bar.start(total ?? 0, 0, { part, rate: "-" });
    this.#startedMs = performance.now();
    this.#isShown = true;
  }

  advanced(count: number): void {
    this.#done += count;
    const rate = rateOf(this.#done, this.#startedMs);
    this.#bar.update(this.#done, { rate });
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#bar.stop();
    this.#isShown = false;
  }
}
