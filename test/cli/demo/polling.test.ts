// The demo's polling ends by what is held, or by giving it up when it can't be published.
import { expect, it } from "vitest";
import { Polling } from "../../../src/cli/commands/demo/polling.ts";
import type { Signals } from "../../../src/pipeline/drain-session.ts";
import { once } from "node:events";

/** Holds something that is never published. */
const stuck = {
  poll: async ({ givingUp }: Signals) => {
    await once(givingUp, "abort");
    throw givingUp.reason as Error;
  },
};

it("ends by itself when nothing is held", async () => {
  await using polling = new Polling({
    poll: async ({ stopping }) => {
      await once(stopping, "abort");
    },
  });
  await polling.stop(false);
});

it("gives up what can't be published, and may be stopped again", async () => {
  await using polling = new Polling(stuck);
  await polling.stop(true);
  await polling.stop(true);
});

it("gives up when it is disposed", async () => {
  const polling = new Polling(stuck);
  await polling[Symbol.asyncDispose]();
  await expect(polling.ended).rejects.toThrow("the demo ends");
});

it("tells a fault that ended it", async () => {
  const polling = new Polling({
    poll: () => Promise.reject(new Error("another connector")),
  });
  await expect(polling.ended).rejects.toThrow("another connector");
  await expect(polling.stop(true)).rejects.toThrow("another connector");
});
