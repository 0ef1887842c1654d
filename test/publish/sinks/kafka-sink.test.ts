// Sinks that share a writer write in turn, and none can hold up the others.
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { DeniedFault, UnavailableFault } from "../../../src/domain/faults.ts";
import { ProducerState } from "../../../src/kafka/write/producer-state.ts";
import type {
  Author,
  KafkaWriter,
} from "../../../src/kafka/write/kafka-writer.ts";
import {
  KafkaSink,
  SharedWriter,
} from "../../../src/publish/sinks/kafka-sink.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const never = new AbortController().signal;
const producer = new ProducerState();
const allowed = () => undefined;

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
  const shared = new SharedWriter(writer);
  const join = (mayWrite: Author["mayWrite"] = allowed) =>
    new KafkaSink({
      shared,
      author: { producer, mayWrite },
      topics: {
        prepare: () => Promise.resolve(new Map()),
        refused: () => Promise.resolve(null),
      },
      clock: new FakeClock(),
    });
  return { join, held, rests: () => rests };
}

describe("a writer that connectors share", () => {
  it("sends one write at a time, in turn", async () => {
    const { join, held } = heldWriter();
    const writes = [1, 2, 3].map(() => join().write([], never));
    for (let n = 0; n < 3; n++) {
      await turn();
      expect(held.length).toBe(n + 1);
      held[n]?.resolve(undefined);
    }
    await Promise.all(writes);
  });

  it("lets nobody pass when one stops waiting", async () => {
    const { join, held } = heldWriter();
    const stopping = new AbortController();
    const first = join().write([], never);
    const second = join().write([], stopping.signal);
    const third = join().write([], never);
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
    const { join, held } = heldWriter();
    const failing = join().write([], never);
    await turn();
    held[0]?.reject(new UnavailableFault("no leader"));
    await expect(failing).rejects.toThrow("no leader");
    const lapsed = join(() => {
      throw new DeniedFault("kafka", "not ours");
    });
    await expect(lapsed.write([], never)).rejects.toThrow("not ours");
    const last = join().write([], never);
    await turn();
    held[1]?.resolve(undefined);
    await last;
  });

  it("rests once all do", async () => {
    const { join, held, rests } = heldWriter();
    const [one, two] = [join(), join()];
    const writes = [one, two].map((sink) => sink.write([], never));
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
