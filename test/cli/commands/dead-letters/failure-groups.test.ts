// A replay that fails for one reason tells it once, with the number of the others and what to do.
import { expect, it } from "vitest";
import { FailureGroups } from "../../../../src/cli/commands/dead-letters/failure-groups.ts";
import type { DeadLetter } from "../../../../src/dead-letters/dead-letter.ts";

const deadLetter = (offset: number): DeadLetter => ({
  id: `0/${offset}`,
  partition: 0,
  offset: BigInt(offset),
  timeMs: 0,
  connector: "crm",
  type: "deal",
  key: String(offset),
  session: "s",
  stage: "publish",
  class: null,
  reason: "as it was then",
  originalTopic: "sell.deal",
  headers: {},
  bytes: 10,
  chunks: 1,
});

const failure = (offset: number, reason: string) => ({
  deadLetter: deadLetter(offset),
  fate: "failed" as const,
  stage: "publish",
  reason,
});

it("tells each cause once", () => {
  const groups = new FailureGroups();
  const tooLarge = (offset: number) =>
    groups.isFirst(failure(offset, `${offset} is MESSAGE_TOO_LARGE`));
  expect([tooLarge(5), tooLarge(6), tooLarge(7)]).toEqual([true, false, false]);
  expect(groups.isFirst(failure(8, "INVALID_RECORD"))).toBe(true);
  expect([...groups.lines()]).toEqual([
    "next: of 0/5 and 2 more for the same reason: raise max.message.bytes of sell.deal, so that it takes an item of 10 bytes with its headers, then replay",
    "next: of 0/8: change the settings of sell.deal that the brokers' reason names, then replay",
  ]);
});
