import { defineConfig } from "vitest/config";

/** What needs a real Kafka, a real registry, or the built command. */
const real = ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts"];

/** What needs none of them, and takes many seconds of one core. */
const long = ["test/simulation/**/*.test.ts"];

/** What has a configuration of its own. */
const elsewhere = ["test/recipes/**", "test/cluster/**"];

export default defineConfig({
  test: {
    // kafkajs sets timers a moment in the past.
    execArgv: ["--disable-warning=TimeoutNegativeWarning"],
    reporters: ["default", "./test/support/closing-line.ts"],
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...real, ...long, ...elsewhere],
        },
      },
      { test: { name: "long", include: long } },
      {
        test: {
          name: "real",
          include: real,
          globalSetup: "./test/support/real-servers.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
