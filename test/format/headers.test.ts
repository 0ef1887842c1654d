// Headers over 1 KiB are cut between characters, and the cut is told.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEncoder } from "../../src/format/create-encoder.ts";
import { sellHeaders } from "../../src/format/headers.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ackKey, change } from "../support/builders.ts";

const KIB = 1_024;

describe("a header of more than 1 KiB", () => {
  it("is cut, and named in error.truncated", () => {
    const item = change({
      type: "t".repeat(KIB + 1),
      eventType: "e".repeat(KIB),
      ackKey: ackKey("k".repeat(1_000_000)),
    });
    expect(sellHeaders(item, "sell")).toEqual({
      "sell.connector": "sell",
      "sell.type": "t".repeat(KIB),
      "sell.event_type": "e".repeat(KIB),
      "sell.revision": "1",
      "sell.ack_key": "k".repeat(KIB),
      "sell.session": "session-1",
      "error.truncated": "sell.type,sell.ack_key",
    });
  });

  it("is cut between characters, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 1_500 }),
        (text, times) => {
          const whole = text.repeat(times).toWellFormed();
          const headers = sellHeaders(change({ eventType: whole }), "sell");
          const cut = headers["sell.event_type"] ?? "";
          const bytes = Buffer.byteLength(whole);
          expect(whole.startsWith(cut)).toBe(true);
          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(KIB);
          expect(Buffer.byteLength(cut)).toBeGreaterThan(
            Math.min(bytes, KIB) - 4,
          );
          expect("error.truncated" in headers).toBe(bytes > KIB);
        },
      ),
    );
  });

  it("is told of once, also among the attributes of a CloudEvent", () => {
    const origin = { version: "1", connectorName: "sell", device: "d" };
    const encoder = createEncoder({
      envelope: "cloudevents",
      value: "json",
      tombstones: true,
      origin,
      registry: null,
      autoRegister: true,
      topicPerType: true,
      clock: systemClock,
    });
    const long = "ü".repeat(KIB);
    const of = (revision: number) => {
      const key = ackKey(`${long}-${revision}`);
      const one = change({
        type: long,
        recordKey: long,
        ackKey: key,
        revision,
      });
      return encoder.encode(one, "t")[0]?.headers ?? {};
    };
    const headers = of(1);
    expect(headers["error.truncated"]).toBe(
      "sell.type,sell.ack_key,ce_type,ce_subject",
    );
    for (const value of Object.values(headers))
      expect(Buffer.byteLength(value)).toBeLessThanOrEqual(KIB);
    // A key that is cut would be the id of other events too.
    expect(headers["ce_id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(of(1)["ce_id"]).toBe(headers["ce_id"]);
    expect(of(2)["ce_id"]).not.toBe(headers["ce_id"]);
  });
});
