import { Presets, SingleBar } from "cli-progress";
import type { Observer } from "../../domain/observer.ts";
import type { Page, Session } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";

/** Shows the progress of a drain on a terminal, from Sell's estimate of what is left. */
export class DrainBar implements Partial<Observer>, Disposable {
  readonly #bar: SingleBar;
  #fetched = 0;
  #done = 0;
  #total = 0;
  #startedMs = 0;
  #isShown = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#bar = createBar(stream, "draining Sell");
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
    const rate = ratePerSecond(this.#done, this.#startedMs);
    this.#bar.update(this.#done, { rate });
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#bar.stop();
  }
}

/** Shows on a terminal which part of an audit runs, and its progress. */
export class AuditBar implements Disposable {
  readonly #bar: SingleBar;
  #done = 0;
  #startedMs = 0;
  #isShown = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#bar = createBar(stream, "{part}");
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
    const rate = ratePerSecond(this.#done, this.#startedMs);
    this.#bar.update(this.#done, { rate });
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#bar.stop();
    this.#isShown = false;
  }
}

function createBar(stream: NodeJS.WritableStream, title: string): SingleBar {
  const format = `${title} {bar} {percentage}% | {value}/{total} | {rate}/s | {eta_formatted} left`;
  return new SingleBar(
    { stream, hideCursor: true, etaBuffer: 200, format },
    Presets.shades_classic,
  );
}

/** The value of `{rate}` in a bar: the average since `startedMs`, or `-` before any time has passed. */
export function ratePerSecond(
  done: number,
  startedMs: number,
  nowMs = performance.now(),
): number | "-" {
  const seconds = (nowMs - startedMs) / 1_000;
  return seconds > 0 ? Math.round(done / seconds) : "-";
}
