// Chunks for a dead-letter topic that brokers don't know yet are repeated, and that is told only when it lasts.
import { expect, it } from "vitest";
import { writeInChunks } from "../../src/publish/chunk-writer.ts";
import type { WriteRefusal } from "../../src/publish/sink.ts";
import type { PlannedWrite } from "../../src/publish/write-batches.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

/** The numbers of the failures that are told, when the topic is unknown so many times. */
async function told(failures: number): Promise<number[]> {
  let left = failures;
  const unknown = {
    scope: "type",
    cause: new Error("unknown"),
  } as unknown as WriteRefusal;
  const numbers: number[] = [];
  const record = { topic: "dead", key: "1", value: null, headers: {} };
  const write = { topic: "dead", records: [record] } as unknown as PlannedWrite;
  await writeInChunks(
    write,
    {
      clock: new FakeClock(),
      retrying: (_what, _error, number) => {
        numbers.push(number);
      },
      sink: {
        write: () => Promise.resolve(left-- > 0 ? unknown : null),
        topics: {
          prepare: () => Promise.resolve(new Map()),
          refused: () => Promise.resolve(null),
        },
      },
    },
    new AbortController().signal,
  );
  return numbers;
}

it.each([
  [3, []],
  [5, [4, 5]],
])("of %i failures, tells %j", async (failures, numbers) => {
  expect(await told(failures)).toEqual(numbers);
});
