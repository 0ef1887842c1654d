// Each server is asked again and again, and what is found is told.
import { expect, it } from "vitest";
import { TypeFault, UnavailableFault } from "../../src/domain/faults.ts";
import { checkConnectivity } from "../../src/pipeline/connectivity-check.ts";
import { missingTopic } from "../support/builders.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

it("asks each server again and again, and tells what it finds", async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const answers = [
    () => Promise.resolve(),
    () => Promise.reject(new UnavailableFault("away")),
    () => Promise.reject(new TypeFault(missingTopic("t"))),
  ];
  const stopped = new AbortController();
  const ended = checkConnectivity(
    {
      clock,
      everyMs: 1_000,
      servers: { kafka: () => answers.shift()?.() ?? Promise.resolve() },
      observer: {
        reached: (server) => told.push(`${server} reached`),
        notReached: (server, error) =>
          told.push(`${server}: ${(error as Error).message}`),
      },
    },
    stopped.signal,
  );
  await clock.advance(2_500);
  expect(told).toEqual(["kafka reached", "kafka: away", "kafka reached"]);
  stopped.abort();
  await ended;
});
