import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { SellCounts } from "./canned-sell.ts";

/** A canned Sell in a process of its own, so that it takes no time of the contenders'. */
export class SellServer implements Disposable {
  readonly url: string;
  readonly #child: ChildProcess;
  #answered: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(records: number): Promise<SellServer> {
    const file = new URL("./canned-sell-process.ts", import.meta.url);
    const child = fork(file, [String(records)]);
    const [url] = (await once(child, "message")) as [string];
    return new SellServer(child, url);
  }

  /** A full account again, `latencyMs` away. */
  async reset(latencyMs: number): Promise<void> {
    await this.#ask({ reset: latencyMs });
  }

  counts(): Promise<SellCounts> {
    return this.#ask("counts");
  }

  [Symbol.dispose](): void {
    this.#child.disconnect();
  }

  /** One order at a time, so that each answer is its own. */
  #ask(order: object | string): Promise<SellCounts> {
    const answer = this.#answered.then(async () => {
      const told = once(this.#child, "message");
      this.#child.send(order);
      const [counts] = (await told) as [SellCounts];
      return counts;
    });
    this.#answered = answer.catch(() => undefined);
    return answer;
  }
}
