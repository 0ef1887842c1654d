import { createInterface, type Interface } from "node:readline/promises";
import type { ProcessContext } from "../../process-context.ts";

export interface Question {
  readonly text: string;
  /** The answer that an empty line gives; empty for none. */
  readonly suggestion: string;
  /** Resolves to what is wrong with an answer and what would be right; null when it is valid. */
  readonly problem: (answer: string) => Promise<string | null>;
}

/** The terminal was closed before the question was answered. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** Asks questions on a terminal, one at a time, and repeats each until its answer is valid. */
export class Interview implements Disposable {
  readonly #terminal: Interface;
  /** Also holds lines that are typed before their question is asked. */
  readonly #lines: AsyncIterator<string>;
  readonly #output: ProcessContext["stderr"];
  #isClosed = false;

  constructor({ stdin, stderr, stopping }: ProcessContext) {
    this.#output = stderr;
    this.#terminal = createInterface({
      input: stdin,
      output: stderr,
      terminal: true,
    });
    this.#lines = this.#terminal[Symbol.asyncIterator]();
    const leave = () => {
      this.#terminal.close();
    };
    // Ctrl-C: a terminal in raw mode sends no signal for it.
    this.#terminal.on("SIGINT", leave);
    this.#terminal.on("close", () => (this.#isClosed = true));
    if (stopping.aborted) leave();
    else stopping.addEventListener("abort", leave, { once: true });
  }

  /** Rejects with a NoAnswer. */
  async ask({ text, suggestion, problem }: Question): Promise<string> {
    const offered = suggestion === "" ? "" : ` [${suggestion}]`;
    this.#terminal.setPrompt(`${text}${offered}: `);
    for (;;) {
      if (!this.#isClosed) this.#terminal.prompt();
      const line = await this.#lines.next();
      if (line.done === true) throw new NoAnswer("nothing was answered");
      const answer = line.value.trim() || suggestion;
      const wrong = await problem(answer);
      if (wrong === null) return answer;
      this.#output.write(`  ${wrong}\n`);
    }
  }

  [Symbol.dispose](): void {
    this.#terminal.close();
  }
}
