// A semaphore lets a few run at once, in the order in which they came.
import { describe, expect, it } from "vitest";
import { Semaphore } from "../../src/lib/semaphore.ts";

const { signal } = new AbortController();

/** Work that ends when the test says so. */
function work(name: string, begun: string[]) {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    end: () => {
      resolve(undefined);
    },
    begin: () => {
      begun.push(name);
      return promise;
    },
  };
}

describe("a semaphore", () => {
  it("are taken by a few at once, and by the others in the order in which they came", async () => {
    const semaphore = new Semaphore(2);
    const begun: string[] = [];
    const works = ["a", "b", "c", "d"].map((name) => work(name, begun));
    const taken = works.map(({ begin }) => semaphore.run(begin, signal));
    expect(begun).toEqual(["a", "b"]);
    works[1]?.end();
    await taken[1];
    works[2]?.end();
    await taken[2];
    works[3]?.end();
    await taken[3];
    expect(begun).toEqual(["a", "b", "c", "d"]);
    works[0]?.end();
    await taken[0];
  });

  it("are tried for without waiting", async () => {
    const semaphore = new Semaphore(1);
    const begun: string[] = [];
    const [first, second] = [work("a", begun), work("b", begun)];
    const taken = semaphore.tryRun(first.begin);
    expect(semaphore.tryRun(second.begin)).toBeNull();
    first.end();
    await taken;
    await expect(
      semaphore.tryRun(() => Promise.reject(new Error("x"))),
    ).rejects.toThrow("x");
    const again = semaphore.tryRun(second.begin);
    expect(begun).toEqual(["a", "b"]);
    second.end();
    await again;
  });

  it("pass on from one that fails, and from those who gave up", async () => {
    const semaphore = new Semaphore(1);
    const begun: string[] = [];
    const first = work("first", begun);
    const taken = semaphore.run(async () => {
      await first.begin();
      throw new Error("failed");
    }, signal);
    const early = new AbortController();
    const gone = semaphore.run(work("gone", begun).begin, early.signal);
    early.abort(new Error("stopped"));
    await expect(gone).rejects.toThrow("stopped");

    const late = new AbortController();
    const alsoGone = semaphore.run(work("also gone", begun).begin, late.signal);
    const last = semaphore.run(() => Promise.resolve("done"), signal);
    first.end();
    late.abort(new Error("stopped too"));
    await expect(taken).rejects.toThrow("failed");
    await expect(alsoGone).rejects.toThrow("stopped too");
    expect(await last).toBe("done");
    expect(begun).toEqual(["first"]);
  });
});
