// A query that many wait for runs once for all of them, and never answers a caller with what was so
// before its call.
import { describe, expect, it } from "vitest";
import { SharedRun } from "../../src/lib/shared-run.ts";

/** A query whose runs end when they are told to. */
function trial() {
  const runs: PromiseWithResolvers<number>[] = [];
  const shared = new SharedRun(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { runs, shared, settle };
}

describe("a shared run", () => {
  it("serves all who ask before it begins, and none who asks later", async () => {
    const { runs, shared, settle } = trial();
    const first = [shared.get(), shared.get()];
    await settle();
    const later = [shared.get(), shared.get()];
    await settle();
    expect(runs).toHaveLength(1);
    runs[0]?.resolve(1);
    expect(await Promise.all(first)).toEqual([1, 1]);
    await settle();
    expect(runs).toHaveLength(2);
    runs[1]?.resolve(2);
    expect(await Promise.all(later)).toEqual([2, 2]);
  });

  it("fails only those who wait for it", async () => {
    const { runs, shared, settle } = trial();
    const first = shared.get();
    await settle();
    const later = shared.get();
    runs[0]?.reject(new Error("no answer"));
    await expect(first).rejects.toThrow("no answer");
    await settle();
    runs[1]?.resolve(2);
    expect(await later).toBe(2);
  });
});
