// Keys are acknowledged in full packs or after a short linger, until Sell accepts each.
import { describe, expect, it } from "vitest";
import { AckBatchSize } from "../../src/pipeline/ack-batch-size.ts";
import { Acknowledger } from "../../src/pipeline/acknowledger.ts";
import {
  AckRefusedFault,
  ThrottledFault,
  UnavailableFault,
} from "../../src/domain/faults.ts";
import { Settled } from "../../src/domain/settled.ts";
import { ackKey, change, silentObserver } from "../support/builders.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";
import { ScriptedSource } from "../support/sell/memory-ports.ts";

const settled = (...ids: number[]) =>
  Settled.once(
    Promise.resolve(
      ids.map((id) => ({
        item: change({ id: String(id) }),
        fate: { kind: "published" as const },
      })),
    ),
  );

function trial(ackBatchSize = 3, maxAckBatchSize = ackBatchSize) {
  const clock = new FakeClock();
  const source = new ScriptedSource();
  const acknowledger = new Acknowledger({
    source,
    clock,
    observer: silentObserver(),
    ackBatches: new AckBatchSize({ ackBatchSize, maxAckBatchSize }),
  });
  const sizes = () => source.packs.map((pack) => pack.length);
  const { signal } = new AbortController();
  return { clock, source, acknowledger, sizes, signal };
}

describe("the acknowledger", () => {
  it("sends full packs at once, and the rest when nothing more comes", async () => {
    const { clock, acknowledger, sizes, signal } = trial();
    const running = acknowledger.run(signal);
    acknowledger.release(await settled(1, 2, 3, 4, 5, 6, 7));
    await clock.advance(0);
    expect(sizes()).toEqual([3, 3]);
    acknowledger.end();
    await clock.runUntil(running);
    expect(sizes()).toEqual([3, 3, 1]);
    expect(acknowledger.confirmed).toBe(7);
  });

  it("sends fewer of them together when they are long", async () => {
    const { clock, source, acknowledger, sizes, signal } = trial(100);
    const running = acknowledger.run(signal);
    const long = (id: number) => ackKey(`${"x".repeat(400_000)}-${id}`);
    const items = [1, 2, 3, 4, 5].map((id) => change({ ackKey: long(id) }));
    const fate = { kind: "published" as const };
    acknowledger.release(
      await Settled.once(
        Promise.resolve(items.map((item) => ({ item, fate }))),
      ),
    );
    acknowledger.end();
    await clock.runUntil(running);
    expect(sizes()).toEqual([2, 2, 1]);
    expect(source.packs.flat()).toEqual(items.map((item) => item.ackKey));
  });

  it("names a key once in a pack, however many items came with it", async () => {
    const { clock, source, acknowledger, signal } = trial(4);
    const running = acknowledger.run(signal);
    acknowledger.release(await settled(1, 1, 2));
    acknowledger.end();
    await clock.runUntil(running);
    const [pack] = source.packs;
    expect(pack).toHaveLength(2);
    expect(new Set(pack).size).toBe(2);
    expect(acknowledger.waiting).toBe(0);
  });

  it("sends what waits after a short linger", async () => {
    const { clock, acknowledger, sizes, signal } = trial();
    void acknowledger.run(signal);
    acknowledger.release(await settled(1));
    await clock.advance(3_999);
    expect(sizes()).toEqual([]);
    await clock.advance(1);
    expect(sizes()).toEqual([1]);
  });

  it("repeats a pack until Sell accepts it", async () => {
    const { clock, source, acknowledger, sizes, signal } = trial();
    source.ackFaults.push(
      new UnavailableFault("500"),
      new ThrottledFault("429"),
    );
    const running = acknowledger.run(signal);
    acknowledger.release(await settled(1, 2));
    acknowledger.end();
    await clock.runUntil(running);
    expect(sizes()).toEqual([2]);
  });

  it("narrows a refused pack down to the key that Sell won't take", async () => {
    const { clock, source, acknowledger, signal } = trial(4);
    const refused = new AckRefusedFault("422");
    // All four, the first two, the first alone.
    source.ackFaults.push(refused, refused, refused);
    const running = acknowledger.run(signal);
    acknowledger.release(await settled(1, 2, 3, 4));
    acknowledger.end();
    await clock.runUntil(running);
    expect(source.acknowledged).toEqual([
      "contact-2-1",
      "contact-3-1",
      "contact-4-1",
    ]);
    expect(acknowledger.refused).toBe(1);
  });

  it("counts a key that comes again once", async () => {
    const { clock, source, acknowledger, signal } = trial();
    for (let round = 0; round < 2; round++) {
      const running = acknowledger.run(signal);
      acknowledger.release(await settled(1));
      acknowledger.end();
      await clock.runUntil(running);
    }
    expect(source.packs).toHaveLength(2);
    expect(acknowledger.confirmed).toBe(1);
  });

  const many = (count: number) =>
    settled(...Array.from({ length: count }, (_, index) => index + 1));

  /** Sends keys of one backlog; `limit` is the most that Sell takes in one pack, by the fault that it answers else. */
  async function sent(
    count: number,
    limit: number,
    fault: Error = new AckRefusedFault("413"),
  ) {
    const { clock, source, acknowledger, sizes, signal } = trial(500, 2_000);
    const asked: number[] = [];
    const accept = source.acknowledge.bind(source);
    source.acknowledge = (keys) => {
      asked.push(keys.length);
      return keys.length > limit ? Promise.reject(fault) : accept(keys);
    };
    const running = acknowledger.run(signal);
    acknowledger.release(await many(count));
    acknowledger.end();
    await clock.runUntil(running);
    expect(acknowledger.confirmed).toBe(count);
    expect(acknowledger.refused).toBe(0);
    return { sizes: sizes(), asked };
  }

  it("doubles full packs while a backlog lasts, up to the ceiling", async () => {
    const { sizes } = await sent(8_000, Infinity);
    expect(sizes).toEqual([500, 1_000, 2_000, 2_000, 2_000, 500]);
  });

  it("learns the size that Sell accepts, and does not try a larger one again", async () => {
    const { asked } = await sent(8_000, 1_200);
    expect(asked).toEqual([
      ...[500, 1_000, 2_000, 1_000, 1_000],
      ...[1_000, 1_000, 1_000, 1_000, 500],
    ]);
  });

  it("goes below the configured size when Sell takes fewer", async () => {
    const { sizes } = await sent(1_500, 130);
    expect(Math.max(...sizes)).toBe(125);
    expect(sizes.slice(-8)).toEqual(Array(8).fill(125));
  });

  it("does not repeat a large pack that Sell can't process: it sends smaller ones", async () => {
    const { asked } = await sent(16_000, 1_000, new UnavailableFault("504"));
    expect(asked.filter((size) => size > 1_000)).toEqual([2_000, 2_000]);
  });

  it("does not blame the size for one bad key", async () => {
    const { clock, source, acknowledger, sizes, signal } = trial(4, 8);
    const accept = source.acknowledge.bind(source);
    source.acknowledge = (keys) =>
      keys.includes(ackKey("contact-2-1"))
        ? Promise.reject(new AckRefusedFault("422"))
        : accept(keys);
    const running = acknowledger.run(signal);
    acknowledger.release(await many(28));
    acknowledger.end();
    await clock.runUntil(running);
    expect(acknowledger.refused).toBe(1);
    expect(sizes().slice(-3)).toEqual([8, 8, 4]);
  });
});
