import { Writable } from "node:stream";
import { widthOf } from "../../src/observe/terminal/text-width.ts";

/** A terminal that understands what this program writes, and keeps the rows that it shows. */
export class FakeTerminal extends Writable {
  readonly isTTY = true;
  columns: number;
  /** All that was written. */
  text = "";
  rows = [""];
  /** The row of the cursor. */
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  hasColors(): boolean {
    return true;
  }

  /** The rows that are not empty, without colours. */
  get shown(): string[] {
    return this.rows.filter((row) => row !== "");
  }

  /** Becomes narrower or wider, and wraps its rows anew. */
  resize(columns: number): void {
    const rows = this.rows.flatMap((row) => wrapped(row, columns));
    this.#row = rows.length - 1;
    this.#column = widthOf(rows.at(-1) ?? "");
    this.rows = rows;
    this.columns = columns;
    this.emit("resize");
  }

  override _write(
    chunk: unknown,
    _encoding: BufferEncoding,
    done: () => void,
  ): void {
    const text = String(chunk);
    this.text += text;
    for (const [part] of text.matchAll(
      /\x1b\[(\d*)([A-Za-z])|\r|\n|[^\x1b\r\n]+/g,
    ))
      this.#take(part);
    done();
  }

  #take(part: string): void {
    if (part === "\n") {
      this.#row++;
      this.#column = 0;
      this.rows[this.#row] ??= "";
    } else if (part === "\r") this.#column = 0;
    else if (part === "\x1b[J") {
      this.rows.length = this.#row + 1;
      this.rows[this.#row] = (this.rows[this.#row] ?? "").slice(
        0,
        this.#column,
      );
    } else if (/^\x1b\[\d+A$/.test(part)) this.#row -= parseInt(part.slice(2));
    else if (/^\x1b\[\d+m$/.test(part)) return;
    else if (part.startsWith("\x1b"))
      throw new Error(`unknown: ${JSON.stringify(part)}`);
    else {
      const before = (this.rows[this.#row] ?? "").slice(0, this.#column);
      const rows = wrapped(before + part, this.columns);
      this.rows.splice(this.#row, this.rows.length, ...rows);
      this.#row += rows.length - 1;
      this.#column = (rows.at(-1) ?? "").length;
    }
  }
}

function wrapped(text: string, columns: number): string[] {
  const rows = [""];
  for (const character of text) {
    const row = rows.at(-1) ?? "";
    if (widthOf(row + character) > columns) rows.push(character);
    else rows[rows.length - 1] = row + character;
  }
  return rows;
}
