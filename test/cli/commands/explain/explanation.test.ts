// What explain says of a record with dead letters: where it stands, and how it is replayed.
import { describe, expect, it } from "vitest";
import {
  explanationJson,
  explanationText,
  problemOf,
} from "../../../../src/cli/commands/explain/explanation.ts";
import type {
  DeadLetterState,
  ListedDeadLetter,
} from "../../../../src/dead-letters/dead-letter-listing.ts";

const byDefault = "connector.config.json";

function letter(id: string, state: DeadLetterState): ListedDeadLetter {
  return {
    ...{ id, partition: 1, offset: 5n, timeMs: 0, key: "7", state },
    ...{ connector: "crm", type: "deal", session: "s1", stage: "send" },
    ...{ class: null, reason: "too large", originalTopic: null, headers: {} },
    ...{ bytes: 9, chunks: 1, replay: null, dismissal: null },
  };
}

function explanation(...deadLetters: ListedDeadLetter[]) {
  const found = { problem: "no record", guess: "perhaps compacted" };
  return {
    ...({ type: "deal", id: "7", state: "absent", latest: null } as const),
    ...{ suggestions: [], value: undefined, history: undefined },
    foreign: { read: 0, isWhole: true, count: 0, examples: [] },
    problem: problemOf(found, deadLetters),
    deadLetters,
  };
}

describe("the explanation of a record", () => {
  it.each([
    ["nothing is known of it", [], "no record; perhaps compacted"],
    [
      "a dead letter waits",
      ["waiting"],
      "no record; it waits as a dead letter",
    ],
    [
      "one of two waits",
      ["waiting", "replayed"],
      "no record; it waits as a dead letter",
    ],
    [
      "it was dismissed",
      ["dismissed"],
      "no record; its dead letter was dismissed",
    ],
    ["it was replayed", ["replayed"], "no record; perhaps compacted"],
  ] as const)("says why it is absent when %s", (_, states, problem) => {
    const letters = states.map((state, n) => letter(`1/${n}`, state));
    const one = explanation(...letters);
    expect(explanationText(one, byDefault).split("\n")[0]).toBe(
      `deal 7 is not in Kafka: ${problem}`,
    );
    expect(JSON.parse(explanationJson(one))).toMatchObject({ problem });
  });

  it("keeps a problem that is certain", () => {
    const found = { problem: "there is no topic", guess: null };
    expect(problemOf(found, [])).toBe("there is no topic");
  });

  it("names the command that replays the dead letters that wait, and no others", () => {
    const text = explanationText(
      explanation(
        letter("1/5", "waiting"),
        letter("1/6", "replayed"),
        letter("1/7", "waiting"),
      ),
      "my crm.json",
    );
    expect(text.split("\n").at(-1)).toBe(
      "once the reason is removed: sell-kafka dead-letters replay 1/5 1/7 --config 'my crm.json'",
    );
    const settled = explanation(letter("1/5", "replayed"));
    expect(explanationText(settled, byDefault)).not.toContain("once");
  });
});
