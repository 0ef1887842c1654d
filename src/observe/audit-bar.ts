import type { SingleBar } from "cli-progress";
import { terminalBar } from "./terminal-bar.ts";

/** Shows on a terminal which part of an audit is under way, and how far. */
export class AuditBar implements Disposable {
  readonly #bar: SingleBar;
  #done = 0;
  #isShown = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#bar = terminalBar(
      stream,
      "{part} {bar} {percentage}% | {value}/{total} | {eta_formatted} left",
    );
  }

  began(part: string, total: number | null): void {
    if (this.#isShown) this.#bar.stop();
    this.#done = 0;
    this.#bar.start(total ?? 0, 0, { part });
    this.#isShown = true;
  }

  advanced(count: number): void {
    this.#done += count;
    this.#bar.update(this.#done);
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#bar.stop();
    this.#isShown = false;
  }
}
