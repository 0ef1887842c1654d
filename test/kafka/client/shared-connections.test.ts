// Tasks share connections: as few as serve them, none that failed, and none that idles for long.
import { describe, expect, it } from "vitest";
import type { Cluster } from "../../../src/kafka/client/cluster.ts";
import type { Kafka } from "../../../src/kafka/client/kafkajs.ts";
import { createCodeError } from "../../../src/kafka/client/repairs/protocol/produce-answers.ts";
import { SharedConnections } from "../../../src/kafka/client/shared-connections.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const { signal } = new AbortController();

function trial(atMost: number) {
  const clock = new FakeClock();
  const state = { opened: 0, closed: 0, refuses: false };
  const kafka = {
    [Symbol("private:Kafka:createCluster")]: (): Partial<Cluster> => {
      state.opened++;
      return {
        connect: () =>
          state.refuses
            ? Promise.reject(new Error("refused"))
            : Promise.resolve(),
        refreshMetadata: () => Promise.resolve(),
        disconnect: () => {
          state.closed++;
          return Promise.resolve();
        },
      };
    },
  } as unknown as Kafka;
  const connections = new SharedConnections({ kafka, clock, atMost });
  /** Uses them until it is told to end. */
  const using = () => {
    const end = Promise.withResolvers<undefined>();
    const used = connections.use(() => end.promise, signal);
    used.catch(() => undefined);
    return { ...end, used };
  };
  return { clock, state, connections, using };
}

describe("shared connections", () => {
  it("are as few as serve the tasks of one moment, up to a number", async () => {
    const { state, connections, using } = trial(2);
    for (let n = 0; n < 5; n++)
      await connections.use(() => Promise.resolve(), signal);
    expect(state.opened).toBe(1);
    const tasks = Array.from({ length: 5 }, using);
    expect(state.opened).toBe(2);
    for (const { resolve } of tasks) resolve(undefined);
    await Promise.all(tasks.map(({ used }) => used));
  });

  it("that failed serve those who use them to the end, and nobody else", async () => {
    const { state, connections, using } = trial(1);
    const [one, other] = [using(), using()];
    one.reject(new Error("the connection broke"));
    await expect(one.used).rejects.toThrow("the connection broke");
    expect(state.closed).toBe(0);
    await connections.use(() => Promise.resolve(), signal);
    expect(state.opened).toBe(2);
    other.resolve(undefined);
    await other.used;
    expect(state.closed).toBe(1);
  });

  it("stay when a broker answers with an error", async () => {
    const { state, connections } = trial(1);
    for (let n = 0; n < 2; n++)
      await expect(
        connections.use(() => Promise.reject(createCodeError(51)), signal),
      ).rejects.toThrow();
    expect(state).toMatchObject({ opened: 1, closed: 0 });
  });

  it("are opened anew when they could not be opened", async () => {
    const { state, connections } = trial(1);
    state.refuses = true;
    const task = () => Promise.resolve("done");
    await expect(connections.use(task, signal)).rejects.toThrow("refused");
    state.refuses = false;
    expect(await connections.use(task, signal)).toBe("done");
  });

  it("are closed once nobody has used them for a minute, and when all is over", async () => {
    const { clock, state, connections } = trial(1);
    const task = () => Promise.resolve();
    await connections.use(task, signal);
    await clock.advance(50_000);
    await connections.use(task, signal);
    await clock.advance(50_000);
    expect(state.closed).toBe(0);
    await clock.advance(10_000);
    expect(state.closed).toBe(1);
    await connections.use(task, signal);
    await connections[Symbol.asyncDispose]();
    expect(state).toEqual({ opened: 2, closed: 2, refuses: false });
  });
});
