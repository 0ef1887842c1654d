// The first session of a connector waits for its turn; acknowledgements and later sessions do not.
import { expect, it } from "vitest";
import type { AckKey } from "../../src/domain/change.ts";
import { afterFirstTurn } from "../../src/app/first-turn.ts";

const { signal } = new AbortController();

function trial() {
  const asked: string[] = [];
  const turn = Promise.withResolvers<undefined>();
  const source = afterFirstTurn(
    {
      open: () => {
        asked.push("open");
        return Promise.resolve(null);
      },
      acknowledge: (keys) => {
        asked.push(`acknowledge ${keys.join(" ")}`);
        return Promise.resolve();
      },
    },
    () => {
      asked.push("turn");
      return turn.promise;
    },
  );
  return { asked, turn, source };
}

it("opens the first session after the turn, and the next ones at once", async () => {
  const { asked, turn, source } = trial();
  const opening = source.open(signal);
  await source.acknowledge(["recovered" as AckKey], signal);
  expect(asked).toEqual(["turn", "acknowledge recovered"]);
  turn.resolve(undefined);
  await opening;
  await source.open(signal);
  expect(asked.slice(2)).toEqual(["open", "open"]);
});

it("waits for the turn again when the connector was stopped before it came", async () => {
  const { asked, turn, source } = trial();
  turn.reject(new Error("stopped"));
  await expect(source.open(signal)).rejects.toThrow("stopped");
  await expect(source.open(signal)).rejects.toThrow("stopped");
  expect(asked).toEqual(["turn", "turn"]);
});
