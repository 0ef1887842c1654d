import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PageBuffer } from "../../src/pipeline/page-buffer.ts";
import type { Item } from "../../src/domain/change.ts";
import { change, page } from "../support/builders.ts";
import { FakeClock } from "../support/fake-clock.ts";

const { signal } = new AbortController();
const ofBytes = (bytes: number) => page([change()], { bytes });

describe("the page buffer", () => {
  it("accepts one page, however large", () => {
    const buffer = new PageBuffer(10, new FakeClock());
    expect(buffer.hasRoom).toBe(true);
    buffer.expect();
    buffer.add(ofBytes(1_000));
    expect(buffer.hasRoom).toBe(false);
  });

  it("asks for one page at a time until it knows how large one is", () => {
    const buffer = new PageBuffer(100, new FakeClock());
    buffer.expect();
    expect(buffer.hasRoom).toBe(false);
    buffer.add(page([], { bytes: 2 }));
    buffer.expect();
    expect(buffer.hasRoom).toBe(false);
    buffer.add(ofBytes(20));
    buffer.expect();
    expect(buffer.hasRoom).toBe(true);
  });

  it("takes a page of any number of items", async () => {
    const buffer = new PageBuffer(1, new FakeClock());
    buffer.expect();
    const items = new Array(300_000).fill(change()) as Item[];
    buffer.add(page(items));
    const batch = await buffer.batches(signal).next();
    expect(batch.value).toHaveLength(items.length);
  });

  it("keeps the room of a batch until the next one is asked for", async () => {
    const buffer = new PageBuffer(100, new FakeClock());
    buffer.expect();
    buffer.add(ofBytes(100));
    const batches = buffer.batches(signal);
    await batches.next();
    expect(buffer.bytes).toBe(100);
    const next = batches.next();
    expect(buffer.bytes).toBe(0);
    buffer.close();
    expect((await next).done).toBe(true);
  });

  it("holds two batches, and more only while there was no room for long", async () => {
    const clock = new FakeClock();
    const buffer = new PageBuffer(100, clock, 10);
    const fill = () => {
      while (buffer.hasRoom) {
        buffer.expect();
        buffer.add(ofBytes(2));
      }
      return buffer.bytes;
    };
    const batches = buffer.batches(signal);
    expect(fill()).toBe(20);
    await batches.next();
    expect(fill()).toBe(20);
    const room = buffer.room(signal);
    await clock.advance(9_999);
    expect(buffer.hasRoom).toBe(false);
    await clock.advance(1);
    await room;
    expect(fill()).toBe(100);
    await batches.next();
    expect(buffer.hasRoom).toBe(false);
    expect(buffer.bytes).toBe(90);
    expect(clock.sleepers).toBe(0);
  });

  it("has room for eight pages, however large they are", () => {
    const buffer = new PageBuffer(100, new FakeClock(), 1);
    while (buffer.hasRoom) {
      buffer.expect();
      buffer.add(ofBytes(5));
    }
    expect(buffer.bytes).toBe(40);
  });

  it("never asks for more than fits, once it knows how large pages are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.boolean(), { maxLength: 100 }),
        async (bytes, limit, fetches) => {
          const buffer = new PageBuffer(limit, new FakeClock());
          const batches = buffer.batches(signal);
          let waiting = 0;
          for (const fetchesNext of fetches) {
            if (fetchesNext && buffer.hasRoom) {
              buffer.expect();
              buffer.add(ofBytes(bytes));
              waiting++;
            } else if (waiting > 0) {
              const batch = await batches.next();
              waiting -= batch.done ? 0 : batch.value.length;
            }
            expect(buffer.bytes).toBeLessThanOrEqual(Math.max(limit, bytes));
          }
        },
      ),
    );
  });
});
