// Connectors that share a writer write in turn, and none can hold up the others.
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { IdempotentProducer } from "../../src/kafka/write/idempotent-producer.ts";
import type { Author, KafkaWriter } from "../../src/kafka/write/producer.ts";
import { SharedWriter } from "../../src/publish/shared-writer.ts";

const never = new AbortController().signal;
const producer = new IdempotentProducer();
const allowed: Author = { producer, mayWrite: () => undefined };

/** A writer whose writes end when a test says so. */
function heldWriter() {
  const held: PromiseWithResolvers<undefined>[] = [];
  let rests = 0;
  const writer: Pick<KafkaWriter, "write" | "rest"> = {
    write: async ({ mayWrite }) => {
      mayWrite();
      const write = Promise.withResolvers<undefined>();
      held.push(write);
      await write.promise;
    },
    rest: () => {
      rests++;
      return Promise.resolve();
    },
  };
  return { shared: new SharedWriter(writer), held, rests: () => rests };
}

describe("a writer that connectors share", () => {
  it("sends one write at a time, in turn", async () => {
    const { shared, held } = heldWriter();
    const writes = [1, 2, 3].map(() =>
      shared.join(allowed).write([], 0, never),
    );
    for (let n = 0; n < 3; n++) {
      await turn();
      expect(held.length).toBe(n + 1);
      held[n]?.resolve(undefined);
    }
    await Promise.all(writes);
  });

  it("lets nobody pass when one stops waiting", async () => {
    const { shared, held } = heldWriter();
    const stopping = new AbortController();
    const first = shared.join(allowed).write([], 0, never);
    const second = shared.join(allowed).write([], 0, stopping.signal);
    const third = shared.join(allowed).write([], 0, never);
    stopping.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    await turn();
    expect(held.length).toBe(1);
    held[0]?.resolve(undefined);
    await first;
    await turn();
    held[1]?.resolve(undefined);
    await third;
  });

  it("goes on after a write that failed, or that was not allowed any more", async () => {
    const { shared, held } = heldWriter();
    const failing = shared.join(allowed).write([], 0, never);
    await turn();
    held[0]?.reject(new Error("no leader"));
    await expect(failing).rejects.toThrow("no leader");
    const lapsed = shared.join({
      producer,
      mayWrite: () => {
        throw new Error("not ours");
      },
    });
    await expect(lapsed.write([], 0, never)).rejects.toThrow("not ours");
    const last = shared.join(allowed).write([], 0, never);
    await turn();
    held[1]?.resolve(undefined);
    await last;
  });

  it("rests once all do", async () => {
    const { shared, held, rests } = heldWriter();
    const [one, two] = [shared.join(allowed), shared.join(allowed)];
    const writes = [one, two].map((part) => part.write([], 0, never));
    for (const at of [0, 1]) {
      await turn();
      held[at]?.resolve(undefined);
    }
    await Promise.all(writes);
    await one.rest();
    await one.rest();
    expect(rests()).toBe(0);
    await two.rest();
    expect(rests()).toBe(1);
  });
});
