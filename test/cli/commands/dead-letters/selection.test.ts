// A cause or type that no dead letter has is refused, as a mistyped id is.
import { expect, it } from "vitest";
import { selectionOf } from "../../../../src/cli/commands/dead-letters/selection.ts";
import type { DeadLetter } from "../../../../src/dead-letters/dead-letter.ts";
import { causeOf } from "../../../../src/dead-letters/dead-letter-cause.ts";

const letter: DeadLetter = {
  id: "0/17",
  partition: 0,
  offset: 17n,
  timeMs: 0,
  connector: "crm",
  type: "hologram",
  key: "5",
  session: "s",
  stage: "route",
  class: "RecordFault",
  reason: "no topic",
  originalTopic: null,
  headers: {},
  bytes: 10,
  chunks: 1,
};

const cause = causeOf(letter).id;

it.each([
  ["its cause", { cause }, true],
  ["its type, which Sell is not known to have", { type: "hologram" }, true],
  ["a known type that it does not have", { type: "deal" }, false],
  ["its cause, and a known type", { cause, type: "deal" }, false],
  ["another stage", { stage: "decode" } as const, false],
])("takes %s", async (_, flags, isSelected) => {
  const selection = await selectionOf([], flags);
  expect(selection.selects(letter)).toBe(isSelected);
  expect(selection.refuseUnknown).not.toThrow();
});

it.each([
  [{ cause: "deadbeef" }, "has the cause deadbeef;"],
  [{ type: "holo" }, "has the type holo;"],
  [{ cause, type: "holo" }, "has the type holo;"],
])("refuses %j", async (flags, words) => {
  const selection = await selectionOf([], flags);
  expect(selection.selects(letter)).toBe(false);
  expect(selection.refuseUnknown).toThrow(words);
});
