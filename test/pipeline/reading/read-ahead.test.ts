// Pages that are read ahead stay within the bound of bytes, and one page always has room.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReadAhead } from "../../../src/pipeline/reading/read-ahead.ts";
import { change, page } from "../../support/builders.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const { signal } = new AbortController();
const BATCH_BYTES = 4 * 1024 * 1024;
const ofBytes = (bytes: number) => page([change()], { bytes });

function limitedTo(
  maxBytes: number,
  maxBatchBytes = BATCH_BYTES,
  clock = new FakeClock(),
) {
  const ahead = new ReadAhead(maxBytes, maxBatchBytes, clock);
  /** Fetches pages of so many bytes while there is room, and returns the bytes that are then held. */
  const fill = (bytes: number) => {
    while (ahead.hasRoom) {
      ahead.requested();
      ahead.received(ofBytes(bytes));
    }
    return ahead.bytes;
  };
  return { ahead, fill, clock };
}

describe("reading ahead", () => {
  it("accepts one page, however large", () => {
    const { ahead } = limitedTo(10);
    expect(ahead.hasRoom).toBe(true);
    ahead.requested();
    ahead.received(ofBytes(1_000));
    expect(ahead.hasRoom).toBe(false);
  });

  it("asks for one page at a time until it knows how large one is", () => {
    const { ahead } = limitedTo(100);
    ahead.requested();
    expect(ahead.hasRoom).toBe(false);
    ahead.received(page([], { bytes: 2 }));
    ahead.requested();
    expect(ahead.hasRoom).toBe(false);
    ahead.received(ofBytes(20));
    ahead.requested();
    expect(ahead.hasRoom).toBe(true);
  });

  it("holds two batches, and more only while there was no room for long", async () => {
    const { ahead, fill, clock } = limitedTo(100, 10);
    expect(fill(2)).toBe(20);
    const room = ahead.room(signal);
    await clock.advance(9_999);
    expect(ahead.hasRoom).toBe(false);
    await clock.advance(1);
    await room;
    expect(fill(2)).toBe(100);
    ahead.published(10);
    expect(ahead.hasRoom).toBe(false);
    expect(ahead.bytes).toBe(90);
    expect(clock.sleepers).toBe(0);
  });

  it("waits for room until a batch is published", async () => {
    const { ahead, fill, clock } = limitedTo(100, 10);
    fill(2);
    let hasRoom = false;
    const room = ahead.room(signal).then(() => {
      hasRoom = true;
    });
    await clock.advance(1);
    expect(hasRoom).toBe(false);
    ahead.published(10);
    await room;
    await clock.advance(0);
    expect(clock.sleepers).toBe(0);
  });

  it("has room for eight pages, however large they are", () => {
    const { fill } = limitedTo(100, 1);
    expect(fill(5)).toBe(40);
  });

  it("never asks for more than fits, once it knows how large pages are", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.boolean(), { maxLength: 100 }),
        (bytes, limit, fetches) => {
          const { ahead } = limitedTo(limit);
          let held = 0;
          for (const fetchesNext of fetches) {
            if (fetchesNext && ahead.hasRoom) {
              ahead.requested();
              ahead.received(ofBytes(bytes));
              held++;
            } else if (held > 0) {
              ahead.published(bytes);
              held--;
            }
            expect(ahead.bytes).toBe(held * bytes);
            expect(ahead.bytes).toBeLessThanOrEqual(Math.max(limit, bytes));
          }
        },
      ),
    );
  });
});
