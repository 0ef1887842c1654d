import { createRequire } from "node:module";
import type * as cliProgress from "cli-progress";
import type { Observer } from "../../domain/observer.ts";
import type { Page, Session } from "../../domain/ports.ts";
import type { Outcome } from "../../domain/settled.ts";

const require = createRequire(import.meta.url);

/** Loads the library when a bar is drawn: without a terminal, none is. */
function library() {
  return require("cli-progress") as typeof cliProgress;
}

/** Counts the items of a drain that are settled, and all of them by Sell's estimate. */
export class DrainCount implements Partial<Observer> {
  #fetched = 0;
  #done = 0;
  #total = 0;

  get done(): number {
    return this.#done;
  }

  get total(): number {
    return this.#total;
  }

  sessionStarted({ totalCount }: Session): void {
    this.#total = this.#done + (totalCount ?? 0);
  }

  pageFetched({ items, countLeft }: Page): void {
    this.#fetched += items.length;
    if (countLeft !== null)
      this.#total = Math.max(this.#done, this.#fetched + countLeft);
  }

  settled(outcomes: readonly Outcome[]): void {
    this.#done += outcomes.length;
  }
}

/** Shows the progress of a drain on a terminal, from Sell's estimate of what is left. */
export class DrainBar implements Partial<Observer>, Disposable {
  readonly #bar: cliProgress.SingleBar;
  readonly #count = new DrainCount();
  #startedMs = 0;
  #isShown = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#bar = createBar(stream, "draining Sell");
  }

  sessionStarted(session: Session): void {
    this.#count.sessionStarted(session);
    const { done, total } = this.#count;
    if (this.#isShown) this.#bar.setTotal(total);
    else this.#bar.start(total, done, { rate: "-" });
    this.#startedMs = this.#isShown ? this.#startedMs : performance.now();
    this.#isShown = true;
  }

  pageFetched(page: Page): void {
    this.#count.pageFetched(page);
    if (page.countLeft !== null) this.#bar.setTotal(this.#count.total);
  }

  settled(outcomes: readonly Outcome[]): void {
    this.#count.settled(outcomes);
    const { done } = this.#count;
    this.#bar.update(done, { rate: ratePerSecond(done, this.#startedMs) });
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#bar.stop();
  }
}

/** Creates a bar with rate and time left. `count` says what is done of how much. */
export function createBar(
  stream: NodeJS.WritableStream,
  title: string,
  count = "{value}/{total}",
): cliProgress.SingleBar {
  const format = `${title} {bar} {percentage}% | ${count} | {rate}/s | {eta_formatted} left`;
  const { Presets, SingleBar } = library();
  return new SingleBar(
    { stream, hideCursor: true, etaBuffer: 200, format },
    Presets.shades_classic,
  );
}

const TEXT_BAR_COLUMNS = 24;

/** Returns a bar as text, for a line that is drawn by somebody else. */
export function textBar(done: number, total: number): string {
  const { barCompleteChar, barIncompleteChar } =
    library().Presets.shades_classic;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * TEXT_BAR_COLUMNS);
  const bar =
    barCompleteChar.repeat(filled) +
    barIncompleteChar.repeat(TEXT_BAR_COLUMNS - filled);
  return `${bar} ${Math.floor(share * 100)}%`;
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
