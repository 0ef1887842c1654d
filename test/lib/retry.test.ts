/** `retry` repeats what may succeed later, throws everything else, and waits by the clock it is given. */
import { expect, test } from "vitest";
import {
  DeniedFault,
  isRetryable,
  UnavailableFault,
} from "../../src/domain/faults.ts";
import { retry } from "../../src/lib/retry.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

const never = new AbortController().signal;

function failing(times: number, error: Error): () => Promise<number> {
  let attempts = 0;
  return () =>
    ++attempts > times ? Promise.resolve(attempts) : Promise.reject(error);
}

test("repeats a task until it resolves, and tells of each failure", async () => {
  const clock = new FakeClock();
  const told: number[] = [];
  const attempts = retry(
    failing(3, new UnavailableFault("away")),
    { clock, isRetryable, failed: (_, failures) => told.push(failures) },
    never,
  );
  await expect(clock.runUntil(attempts)).resolves.toBe(4);
  expect(told).toEqual([1, 2, 3]);
  // Half of 200, 400 and 800 ms.
  expect(clock.monotonicMs()).toBe(700);
});

test("throws at once what no other attempt can help", async () => {
  const denied = new DeniedFault("sell", "no");
  await expect(
    retry(failing(1, denied), { clock: new FakeClock(), isRetryable }, never),
  ).rejects.toBe(denied);
});

test("gives up after the most failures in a row, which progress starts anew", async () => {
  const clock = new FakeClock();
  let attempts = 0;
  const away = new UnavailableFault("away");
  const task = retry(
    (progressed) => {
      if (++attempts === 2) progressed();
      return Promise.reject(away);
    },
    { clock, isRetryable, maxFailures: 3 },
    never,
  );
  await expect(clock.runUntil(task)).rejects.toBe(away);
  expect(attempts).toBe(4);
});

test("ends with the signal's reason, while a task runs or while it waits", async () => {
  const aborting = new AbortController();
  const reason = new Error("stopping");
  const task = retry(
    () => Promise.reject(new UnavailableFault("away")),
    {
      clock: new FakeClock(),
      isRetryable,
      failed: () => {
        aborting.abort(reason);
      },
    },
    aborting.signal,
  );
  await expect(task).rejects.toBe(reason);
});
