// V8 optimizes nothing in a process that has little to do, and what runs often once it is busy.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);

/** Prints whether a function that ran often is optimized: before the event loop is busy, and after it was. */
const script = `
  const [, compilers, busy] = process.argv;
  const { optimizeHotCode, optimizeNothing } = await import(compilers);
  const { onceBusy } = await import(busy);
  const { setImmediate: turn } = await import("node:timers/promises");
  const OPTIMIZED = 16;
  const isOptimized = () => {
    const hot = new Function("n", "return n * 2 + 1");
    for (let n = 0; n < 1_000_000; n++) hot(n);
    %FinalizeOptimization();
    hot(1);
    return (%GetOptimizationStatus(hot) & OPTIMIZED) !== 0;
  };
  optimizeNothing();
  onceBusy(optimizeHotCode);
  const before = isOptimized();
  while (!isOptimized()) await turn();
  console.log(before);
`;

it("code stays unoptimized until the process is busy", async () => {
  const modules = ["compilers", "busy"].map(
    (name) =>
      new URL(`../../../src/lib/process/${name}.ts`, import.meta.url).href,
  );
  const { stdout } = await run(process.execPath, [
    ...["--allow-natives-syntax", "--input-type=module"],
    ...["--eval", script, ...modules],
  ]);
  expect(stdout).toBe("false\n");
});
