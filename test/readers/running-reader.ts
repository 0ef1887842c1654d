import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Command } from "./readers.ts";

/** What is wrong with the answer to something; null when it is right. */
type Problem<Sent> = (sent: Sent, answer: string) => string | null;

/** A reader's program, which gets a line for each value, and answers with a line of JSON. */
export class RunningReader<Sent> implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #problem: Problem<Sent>;
  /** What was given and not answered yet, oldest first. */
  readonly #open: Sent[] = [];
  readonly #ended: Promise<unknown>;
  readonly #answered: Promise<void>;
  #right = 0;
  #wrong: Error | null = null;
  #said = "";

  constructor(
    name: string,
    { program, args, env }: Command,
    problem: Problem<Sent>,
  ) {
    this.#name = name;
    this.#problem = problem;
    this.#child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said += text;
    });
    // The program's own words say more than that it takes no more lines.
    this.#child.stdin.on("error", () => undefined);
    this.#ended = once(this.#child, "close");
    this.#answered = this.#check();
  }

  async give(sent: Sent, line: string): Promise<void> {
    if (this.#wrong !== null) throw this.#wrong;
    this.#open.push(sent);
    const { stdin } = this.#child;
    if (stdin.write(line)) return;
    const drained = once(stdin, "drain").catch(() => undefined);
    await Promise.race([drained, this.#ended]);
    if (stdin.destroyed) await this.finish(Infinity);
  }

  /** Fails unless it has read that many values, and each of them right. */
  async finish(count: number): Promise<void> {
    this.#child.stdin.end();
    await Promise.all([this.#answered, this.#ended]);
    if (this.#wrong !== null) throw this.#wrong;
    if (this.#child.exitCode === 0 && this.#right === count) return;
    throw new Error(
      `${this.#name} ended after ${this.#right} values: ${this.#said}`,
    );
  }

  async #check(): Promise<void> {
    for await (const answer of createInterface({ input: this.#child.stdout })) {
      const sent = this.#open.shift();
      const problem = sent === undefined ? answer : this.#problem(sent, answer);
      if (problem === null) this.#right++;
      else this.#wrong ??= new Error(`${this.#name}: ${problem}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
