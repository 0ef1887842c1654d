import type { SingleBar } from "cli-progress";
import type { AuditPart, Progress } from "../../../audit/progress.ts";
import {
  createBar,
  ratePerSecond,
} from "../../../observe/terminal/progress-bars.ts";

/** Shows on a terminal which part of an audit runs, and its progress when that can be told. */
export class AuditBar implements Progress, Disposable {
  readonly #stream: NodeJS.WritableStream;
  readonly #bar: SingleBar;
  #done = 0;
  #startedMs = 0;
  #isShown = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
    this.#bar = createBar(stream, "{part}", "{value}/{total} {unit}");
  }

  began(part: AuditPart): void {
    this[Symbol.dispose]();
    const { name, unit, total } = part;
    if (total === 0) return;
    if (total === null) {
      this.#stream.write(lineOf(part));
      return;
    }
    this.#done = 0;
    this.#bar.start(total, 0, { part: name, unit, rate: "-" });
    this.#startedMs = performance.now();
    this.#isShown = true;
  }

  advanced(count: number): void {
    if (!this.#isShown) return;
    this.#done += count;
    const rate = ratePerSecond(this.#done, this.#startedMs);
    // Sell's total is an estimate.
    if (this.#done > this.#bar.getTotal()) this.#bar.setTotal(this.#done);
    this.#bar.update(this.#done, { rate });
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#bar.stop();
    this.#isShown = false;
  }
}

/** Writes a line for each part of an audit, for a log or a pipe. */
export class AuditLines implements Progress, Disposable {
  readonly #stream: NodeJS.WritableStream;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  began(part: AuditPart): void {
    if (part.total !== 0) this.#stream.write(lineOf(part));
  }

  advanced(): void {
    // The line of a part says all of it.
  }

  [Symbol.dispose](): void {
    // Nothing is left on the stream.
  }
}

function lineOf({ name, total, unit, durationMs }: AuditPart): string {
  const facts = [
    name,
    ...(total === null ? [] : [`${total} ${unit}`]),
    ...(durationMs === null ? [] : [`about ${timeText(durationMs)}`]),
  ];
  return `audit: ${facts.join(", ")}\n`;
}

function timeText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
}
