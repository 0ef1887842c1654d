import { defineConfig } from "vitest/config";

/** What downloads and starts programs of others, and so takes longer than the tests of every day. */
export default defineConfig({
  test: {
    execArgv: ["--disable-warning=TimeoutNegativeWarning"],
    reporters: ["default", "./test/support/vitest/closing-line.ts"],
    include: ["test/recipes/**/*.test.ts"],
    globalSetup: "./test/support/vitest/real-servers.ts",
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
