import type { SingleBar } from "cli-progress";
import type { Observer } from "../../domain/observer.ts";
import type { Page, Session } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";
import { rateOf, terminalBar } from "./terminal-bar.ts";

/** Shows on a terminal how far a drain is, by Sell's own estimate of what is left. */
export class ProgressBar implements Partial<Observer>, Disposable {
  readonly #bar: SingleBar;
  #done = 0;
  #total = 0;
  #isShown = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#bar = terminalBar(
      stream,
      "draining Sell {bar} {percentage}% | {value}/{total} | {rate}/s | {eta_formatted} left",
    );
  }

  sessionStarted({ totalCount }: Session): void {
    this.#total = this.#done + (totalCount ?? 0);
    if (this.#isShown) this.#bar.setTotal(this.#total);
    else this.#bar.start(this.#total, this.#done, { rate: "-" });
    this.#startedMs = this.#isShown ? this.#startedMs : performance.now();
    this.#isShown = true;
  }

  pageFetched({ items, countLeft }: Page): void {
    this.#fetched += items.length;
    if (countLeft === null) return;
    this.#total = Math.max(this.#done, this.#fetched + countLeft);
    this.#bar.setTotal(this.#total);
  }

  settled(outcomes: readonly Outcome[]): void {
    this.#done += outcomes.length;
    const rate = rateOf(this.#done, this.#startedMs);
    this.#bar.update(this.#done, { rate });
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#bar.stop();
  }

  #fetched = 0;
  #startedMs = 0;
}
