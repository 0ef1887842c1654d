// What is held in memory follows the heap, which follows the container's limit in the image.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { placeOf } from "../../support/documents/markdown.ts";

const MIB = 1024 * 1024;

/** The limits in a process with so much heap, in MiB. */
async function limitsWith(heapMib: number) {
  const module = JSON.stringify(
    placeOf("src/pipeline/reading/most-buffered-bytes.ts"),
  );
  const program = `import { getHeapStatistics } from "node:v8";
const limits = await import(${module});
console.log(JSON.stringify({ ...limits, heapBytes: getHeapStatistics().heap_size_limit }));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${heapMib}`,
    "--max-semi-space-size=1",
    ...["--input-type=module", "--eval", program],
  ]);
  return JSON.parse(stdout) as {
    readonly heapBytes: number;
    readonly mostBufferedBytes: number;
    readonly mostBatchBytes: number;
  };
}

it("pages that wait take at most a quarter of a small heap, and a batch a part of that", async () => {
  const small = await limitsWith(51);
  expect(small.heapBytes).toBeLessThan(256 * MIB);
  expect(small.mostBufferedBytes).toBe(Math.floor(small.heapBytes / 4));
  // Two batches, one that is published and one that waits, fit into it four times.
  expect(small.mostBatchBytes * 8).toBeLessThanOrEqual(
    small.mostBufferedBytes + 8,
  );
  expect(small.mostBatchBytes).toBeLessThan(2 * MIB);
});

it("a batch stays at 2 MiB in a large heap, and the setting decides what waits", async () => {
  const large = await limitsWith(2_048);
  expect(large.mostBatchBytes).toBe(2 * MIB);
  expect(large.mostBufferedBytes).toBeGreaterThan(32 * MIB);
});
