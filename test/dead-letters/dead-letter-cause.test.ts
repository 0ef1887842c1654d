/** Dead letters have one cause when their reasons differ only in what is their own. */
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "../../src/dead-letters/dead-letter.ts";
import { causeOf } from "../../src/dead-letters/dead-letter-cause.ts";

const letter = (overrides: Partial<DeadLetter>): DeadLetter => ({
  id: "0/1",
  partition: 0,
  offset: 1n,
  timeMs: 0,
  key: "12",
  connector: "crm",
  type: "contact",
  session: "s",
  stage: "publish",
  class: "KafkaJSProtocolError",
  reason: "",
  originalTopic: "sell.contact",
  headers: { "sell.ack_key": "Contact-12-3" },
  bytes: 10,
  chunks: 1,
  ...overrides,
});

const deal = {
  key: "7",
  type: "deal",
  originalTopic: "sell.deal",
  headers: { "sell.ack_key": "Deal-7-1" },
};

describe("the cause of a dead letter", () => {
  it.each([
    [
      "the topic",
      "the brokers refuse the record in sell.contact: too large (MESSAGE_TOO_LARGE)",
      "the brokers refuse the record in sell.deal: too large (MESSAGE_TOO_LARGE)",
    ],
    [
      "a quoted text",
      'the type "our visits" makes no legal topic name',
      'the type "their \\"old\\" visits" makes no legal topic name',
    ],
    [
      "numbers",
      "the record's key has 32769 bytes, and at most 32768 are allowed",
      "the record's key has 40000 bytes, and at most 32768 are allowed",
    ],
    ["a key", "record 12 has no data", "record 7 has no data"],
    ["an ack key", "Contact-12-3 is no record", "Deal-7-1 is no record"],
    ["a time", "at 2026-11-24T22:20:48.907Z", "at 2027-01-01T00:00:00Z"],
    [
      "a UUID",
      "session 6ba7b810-9dad-11d1-80b4-00c04fd430c8 ended",
      "session 00c04fd4-9dad-11d1-80b4-00c04fd430c8 ended",
    ],
  ])("is the same but for %s", (_, one, other) => {
    const cause = causeOf(letter({ reason: one }));
    expect(causeOf(letter({ ...deal, reason: other }))).toEqual(cause);
    expect(cause.id).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each([
    { reason: "another one" },
    { stage: "encode" },
    { class: null },
    { connector: "other" },
  ])("is another one with %o", (difference) => {
    const reason = "the schema has no such field";
    const cause = causeOf(letter({ reason }));
    expect(causeOf(letter({ reason, ...difference })).id).not.toBe(cause.id);
  });

  it("leaves words whole that contain a name", () => {
    const reason = "a contact has contacts, and 12 of 1200 are contact_ids";
    expect(causeOf(letter({ reason })).message).toBe(
      "a … has contacts, and … of … are contact_ids",
    );
  });
});
