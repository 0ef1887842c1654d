import { defineConfig } from "vitest/config";

/** Tests that crash brokers: each has a cluster of its own, and takes some minutes. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    execArgv: ["--disable-warning=TimeoutNegativeWarning"],
    reporters: ["default", "../support/vitest/closing-line.ts"],
    // One after the other: brokers of two clusters at once starve each other on a small machine.
    fileParallelism: false,
    testTimeout: 480_000,
    hookTimeout: 180_000,
  },
});
