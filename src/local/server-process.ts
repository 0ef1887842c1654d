import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "../lib/text/reason-of.ts";
import { lastWords } from "./last-words.ts";
import type { Command } from "./reaper/messages.ts";
import { ReaperProcess } from "./reaper/reaper-process.ts";
import { silently, step, untilServing, type Starting } from "./step.ts";

export interface ServerCommand {
  readonly name: string;
  /**
   * Makes ready in the server's own folder, which is removed at the end, and returns the command.
   * `run` runs another command first.
   */
  readonly prepare: (
    folder: string,
    run: (command: Command) => Promise<void>,
  ) => Promise<Command>;
  /** Resolves when the server serves requests; rejects while it does not. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
}

const PREPARE_WITHIN_MS = 60_000;
const START_WITHIN_MS = 90_000;

/** A server on this machine. Its reaper ends it when this process ends, even by SIGKILL. */
export class ServerProcess implements AsyncDisposable {
  readonly #reaper: ReaperProcess;

  private constructor(reaper: ReaperProcess) {
    this.#reaper = reaper;
  }

  /** Resolves once the server serves requests. Rejects with what its log says when it does not start. */
  static async start(
    server: ServerCommand,
    starting: Starting = silently,
  ): Promise<ServerProcess> {
    const { name } = server;
    const reaper = await ReaperProcess.start(
      join(tmpdir(), `sell-kafka-${name}-`),
    );
    try {
      const command = await step(
        starting,
        { what: `preparing ${name}`, idleMs: PREPARE_WITHIN_MS },
        () => server.prepare(reaper.folder, (one) => runToEnd(reaper, one)),
      );
      await step(
        starting,
        { what: `waiting until ${name} serves`, idleMs: START_WITHIN_MS },
        (signal) =>
          Promise.race([
            untilServing(server.probe, starting.clock, signal),
            endedAtOnce(reaper, command),
          ]),
      );
      return new ServerProcess(reaper);
    } catch (error) {
      await reaper[Symbol.asyncDispose]();
      starting.signal.throwIfAborted();
      throw new Error(`${name} did not start: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Ends the server and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reaper[Symbol.asyncDispose]();
  }

  /** Kills the server as a crash would, and waits until it is gone. */
  async crash(): Promise<void> {
    this.#reaper.kill();
    await this[Symbol.asyncDispose]();
  }
}

async function runToEnd(
  reaper: ReaperProcess,
  command: Command,
): Promise<void> {
  const { code, error } = await reaper.run(command);
  if (code !== 0)
    throw new Error(
      `${command.command} failed: ${error ?? lastWords(await reaper.log())}`,
    );
}

async function endedAtOnce(
  reaper: ReaperProcess,
  command: Command,
): Promise<never> {
  const { error } = await reaper.run(command);
  throw new Error(`it ended: ${error ?? lastWords(await reaper.log())}`);
}
