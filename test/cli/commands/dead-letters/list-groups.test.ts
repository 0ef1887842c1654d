/** The list by cause: the documented example, what it leaves out, and the commands that follow. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import {
  groupListing,
  groupsText,
} from "../../../../src/cli/commands/dead-letters/list-groups.ts";
import type { Config } from "../../../../src/config/definition/config.ts";
import type { DeadLetter } from "../../../../src/dead-letters/dead-letter.ts";
import { causeOf } from "../../../../src/dead-letters/dead-letter-cause.ts";
import type {
  DeadLetterGroup,
  DeadLetterOverview,
} from "../../../../src/dead-letters/dead-letter-groups.ts";
import { DeadLetterIndex } from "../../../../src/dead-letters/dead-letter-index.ts";

const config = {
  name: "crm",
  delivery: { deadLetterTopic: "sell-kafka.dead-letter" },
} as Config;

const letter = (overrides: Partial<DeadLetter>): DeadLetter => ({
  id: "4/0",
  partition: 4,
  offset: 0n,
  timeMs: Date.parse("2026-11-24T22:20:48.907Z"),
  key: "12",
  connector: "crm",
  type: "our visits",
  session: "s",
  stage: "route",
  class: "RecordFault",
  reason:
    'the type "our visits" makes no legal topic name: 1 to 249 characters of A-Z a-z 0-9 . _ - are allowed',
  originalTopic: "sell.our visits",
  headers: {},
  bytes: 10,
  chunks: 1,
  ...overrides,
});

const large = letter({
  id: "0/3",
  key: "7",
  type: "deal",
  stage: "publish",
  class: "KafkaJSProtocolError",
  reason:
    "the brokers refuse the record in sell.deal: The request included a message larger than the max message size the server will accept (MESSAGE_TOO_LARGE)",
  originalTopic: "sell.deal",
  bytes: 1_942,
});

const groupOf = (example: DeadLetter, count: number): DeadLetterGroup => ({
  cause: causeOf(example),
  types: new Map([[example.type, count]]),
  count,
  firstMs: example.timeMs,
  lastMs: example.timeMs + (count - 1) * 1_000,
  firstId: example.id,
  dismissal: null,
});

function listed(
  groups: readonly DeadLetterGroup[],
  shown = groups,
  isDismissed = false,
  configPath = "connector.config.json",
) {
  const overview: DeadLetterOverview = {
    index: new DeadLetterIndex(),
    incomplete: [],
    counts: {
      waiting: groups.reduce((sum, { count }) => sum + count, 0),
      replayed: 2,
      dismissed: 1,
      incomplete: 0,
    },
    groups: () => groups,
  };
  const examples = new Map([large, letter({})].map((one) => [one.id, one]));
  return groupListing(overview, groups, shown, examples, {
    app: { config },
    configPath,
    isAll: false,
    isDismissed,
  });
}

const groups = [groupOf(large, 100), groupOf(letter({}), 1)];

describe("the list by cause", () => {
  it("is the one in the documentation", async () => {
    const path = new URL("../../../../docs/dead-letters.md", import.meta.url);
    const document = await readFile(path, "utf8");
    expect(document).toContain(groupsText(listed(groups)));
  });

  it("says what is left out", () => {
    const cut = listed(groups, groups.slice(0, 1));
    expect(cut.leftOut).toEqual({ groups: 1, deadLetters: 1 });
    expect(groupsText(cut)).toContain("left out: 1 cause, 1 dead letter");
  });

  it("shows who dismissed them, and how that is undone", () => {
    const dismissal = {
      time: "2026-11-25T08:00:00.000Z",
      by: "ada@ops",
      reason: "spam\u001B[2J",
    };
    const text = groupsText(
      listed([{ ...groupOf(letter({}), 1), dismissal }], undefined, true),
    );
    expect(text).toContain("ada@ops at 2026-11-25T08:00:00.000Z: spam");
    expect(text).toContain("sell-kafka dead-letters replay 4/0");
    expect(text).not.toContain("\u001B");
  });

  it("names the configuration in its commands", () => {
    const [group] = listed(groups, groups, false, "it's/crm.json").groups;
    expect(group?.next?.replay).toBe(
      `sell-kafka dead-letters replay --cause ${group?.cause ?? ""} --config 'it'\\''s/crm.json'`,
    );
  });

  it("offers no commands for dead letters of another connector", () => {
    const foreign = letter({ connector: "west", id: "4/0" });
    const examples = new Map([["4/0", foreign]]);
    const overview = {
      index: new DeadLetterIndex(),
      incomplete: [],
      counts: { waiting: 1, replayed: 0, dismissed: 0, incomplete: 0 },
      groups: () => [],
    };
    const own = [groupOf(foreign, 1)];
    const listing = groupListing(overview, own, own, examples, {
      app: { config },
      configPath: "x",
      isAll: true,
      isDismissed: false,
    });
    expect(listing.groups[0]?.next).toBeNull();
    expect(listing.connector).toBeNull();
  });
});
