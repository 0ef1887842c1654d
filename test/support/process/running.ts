import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../../src/local/free-port.ts";
import type { Status } from "../../../src/observe/status/status.ts";
import { sellKafka, type Ended } from "./command.ts";
import { trialOf, type Overrides, type Trial } from "./connector.ts";

/** A connector that runs within this process, and serves: it listens by now. */
export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly trial: Trial;
  readonly get: (path: string) => Promise<Response>;
  readonly status: () => Promise<Status>;
  /** The HTTP status of `/readyz`, and its body as text. */
  readonly readiness: () => Promise<string>;
  /** Asks it to stop. */
  readonly stop: () => Promise<Ended>;
}

export async function runningOn(
  sellUrl: string,
  overrides: Overrides = {},
): Promise<Running> {
  const port = await freePort();
  const trial = await trialOf(sellUrl, { ...overrides, server: { port } });
  const stopping = new AbortController();
  const ended = sellKafka(["run", "--config", trial.configPath], {
    stopping: stopping.signal,
  });
  const url = `http://127.0.0.1:${port}/`;
  const get = (path: string) => fetch(url + path);
  await Promise.race([
    listening(url),
    ended.then(({ stderr }) => {
      throw new Error(`it ended at once: ${stderr}`);
    }),
  ]);
  const stop = () => {
    stopping.abort(new Error("the test ends"));
    return ended;
  };
  return {
    url,
    trial,
    get,
    status: async () => (await (await get("status")).json()) as Status,
    readiness: async () => {
      const response = await get("readyz");
      return `${response.status} ${await response.text()}`;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await trial[Symbol.asyncDispose]();
    },
  };
}

async function listening(url: string): Promise<void> {
  for (;;) {
    const isUp = await fetch(`${url}livez`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await delay(20);
  }
}
