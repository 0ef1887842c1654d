import type { Clock } from "../../../lib/clock.ts";
import { everyFewSeconds, silently, step } from "../../../local/step.ts";
import {
  PinnedLine,
  type TerminalStream,
} from "../../../observe/terminal/pinned-line.ts";
import { printableLines } from "../../../security/printable.ts";
import type { ProcessContext } from "../../process-context.ts";
import { changeLine, headingOf } from "./change-line.ts";
import { operationOf, type ReadRecord } from "./tally.ts";

/** The width of a line that goes to no terminal. */
const PLAIN_COLUMNS = 157;

/** Longer than anything that the demo waits for. */
const LONGEST_WAIT_MS = 120_000;

export interface Waiting {
  readonly what: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The reason why it waits, as the end of a line. */
  readonly why: () => string;
}

type Surroundings = Pick<ProcessContext, "stdout" | "stderr" | "env">;

/**
 * The output of the demo: on a terminal a line that stays at the bottom, with the page's address and what
 * happens now, and above it one line for each change; elsewhere plain lines.
 */
export class Show implements AsyncDisposable {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly #pinned: PinnedLine | null;
  readonly #isColoured: boolean;
  readonly #showsRecords: boolean;
  readonly #sayNow: (text: string) => void;
  #page = "";
  #hasHeading = false;
  #hasShownOne = false;

  /** Without `showsRecords`, standard output takes nothing of the show. */
  constructor({ stdout, stderr, env }: Surroundings, showsRecords: boolean) {
    const isTerminal =
      stdout.isTTY === true && showsRecords && env["TERM"] !== "dumb";
    this.#pinned = isTerminal ? new PinnedLine(stdout, stderr) : null;
    this.stdout = this.#pinned?.stdout ?? stdout;
    this.stderr = this.#pinned?.stderr ?? stderr;
    this.#isColoured = isTerminal && (env["NO_COLOR"] ?? "") === "";
    this.#showsRecords = showsRecords;
    this.#sayNow = everyFewSeconds((text) => {
      this.say(text);
    });
  }

  say(line: string): void {
    this.stderr.write(`${printableLines(`demo: ${line}`)}\n`);
  }

  /** Says where the status page is, and keeps it in sight. */
  servedAt(url: string): void {
    this.say(`status page at ${url}`);
    this.#page = `${url} `;
    this.#pinned?.show(url);
  }

  /** Shows what happens now: at the bottom of a terminal, elsewhere as a line every few seconds. */
  now(text: string, plainText: string | null = text): void {
    if (this.#pinned !== null) this.#pinned.show(`${this.#page}${text}`);
    else if (plainText !== null) this.#sayNow(plainText);
  }

  /** Does something that takes seconds, and shows meanwhile that it goes on. */
  during<T>(
    { what, clock, signal, why }: Waiting,
    work: () => Promise<T>,
  ): Promise<T> {
    const waiting = (text: string) => {
      this.now(`${text}${why()}`);
    };
    this.now(what, null);
    return step(
      { ...silently, clock, signal, waiting },
      { what, idleMs: LONGEST_WAIT_MS },
      work,
    );
  }

  /** Shows a change in one line. A tombstone has none of its own: it belongs to the deletion before it. */
  change(record: ReadRecord): void {
    if (!this.#showsRecords || operationOf(record.text) === "tombstone") return;
    if (!this.#hasHeading) this.#write(`\n${this.#cutHeading(record)}`);
    this.#hasHeading = true;
    this.#write(
      changeLine(record, {
        columns: this.#pinned?.columns ?? PLAIN_COLUMNS,
        isColoured: this.#isColoured,
      }),
    );
  }

  /** Shows the first record that has a numeric key in full; returns false for any other. */
  firstRecord(record: ReadRecord): boolean {
    const { text, key } = record;
    if (this.#hasShownOne || text === null || !/^\d+$/.test(key)) return false;
    if (!this.#showsRecords) return false;
    this.#hasShownOne = true;
    this.change(record);
    const pretty = JSON.stringify(JSON.parse(text), null, 2);
    this.#write(
      printableLines(`\nThe value of that record in full:\n${pretty}\n`),
    );
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pinned?.[Symbol.asyncDispose]();
  }

  #cutHeading(record: ReadRecord): string {
    const columns = this.#pinned?.columns ?? PLAIN_COLUMNS;
    return headingOf(record).slice(0, columns);
  }

  #write(line: string): void {
    this.stdout.write(`${line}\n`);
  }
}
