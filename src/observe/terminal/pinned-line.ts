import { Writable } from "node:stream";
import { printable } from "../../security/printable.ts";
import { cutToWidth, widthOf } from "./text-width.ts";

/** An output stream; a terminal knows its width. */
export type TerminalStream = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
} & NodeJS.WritableStream;

const USUAL_COLUMNS = 80;
const TO_LINE_START = "\r";
const ERASE_BELOW = "\x1b[J";

/**
 * Keeps one line below everything that is written to a terminal. All that is written to it has to go
 * through `stdout` and `stderr` of this object.
 */
export class PinnedLine implements AsyncDisposable {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly #terminal: TerminalStream;
  #text = "";
  /** The text that is drawn now; empty when nothing is. */
  #drawn = "";
  #isAtLineStart = true;

  /** `stdout` is the terminal; `stderr` may be the same one, or none. */
  constructor(stdout: TerminalStream, stderr: TerminalStream) {
    this.#terminal = stdout;
    this.stdout = this.#over(stdout);
    this.stderr = stderr.isTTY === true ? this.#over(stderr) : stderr;
    stdout.on("resize", this.#redraw);
  }

  /** Columns that a line may take, so that the terminal never wraps it. */
  get columns(): number {
    return (this.#terminal.columns || USUAL_COLUMNS) - 1;
  }

  /** Shows a text in place of the one before; nothing when it is empty. */
  show(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#redraw();
  }

  /** Removes the line, once all that was written has left the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of [this.stdout, this.stderr])
      if (stream instanceof Writable)
        await new Promise((resolve) => stream.write("", resolve));
    this.show("");
    this.#terminal.off("resize", this.#redraw);
  }

  readonly #redraw = (): void => {
    if (this.#isAtLineStart)
      this.#terminal.write(this.#erased() + this.#draw());
  };

  #over(target: TerminalStream): TerminalStream {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#write(target, chunk.toString("utf8"), done);
      },
    });
    return Object.assign(stream, {
      isTTY: true,
      hasColors: () => target.hasColors?.() ?? false,
    });
  }

  #write(target: TerminalStream, text: string, done: () => void): void {
    if (text === "") {
      done();
      return;
    }
    const erased = this.#erased();
    this.#isAtLineStart = text.endsWith("\n");
    const pinned = this.#isAtLineStart ? this.#draw() : "";
    if (target === this.#terminal)
      target.write(erased + text + pinned, () => {
        done();
      });
    else {
      this.#terminal.write(erased);
      target.write(text, () => {
        done();
      });
      this.#terminal.write(pinned);
    }
  }

  /** Returns what erases the line; a terminal that has become narrower shows it in several rows. */
  #erased(): string {
    if (this.#drawn === "") return "";
    const columns = this.#terminal.columns || USUAL_COLUMNS;
    const rowsAbove = Math.ceil(widthOf(this.#drawn) / columns) - 1;
    this.#drawn = "";
    const up = rowsAbove > 0 ? `\x1b[${rowsAbove}A` : "";
    return `${TO_LINE_START}${up}${ERASE_BELOW}`;
  }

  #draw(): string {
    this.#drawn = cutToWidth(printable(this.#text), this.columns);
    return this.#drawn;
  }
}
