import { defineConfig } from "vitest/config";

/** Tests that crash brokers: each has a cluster of its own, and takes a minute. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    execArgv: ["--disable-warning=TimeoutNegativeWarning"],
    reporters: ["default", "../support/closing-line.ts"],
    testTimeout: 240_000,
    hookTimeout: 180_000,
  },
});
