import { defineConfig } from "vitest/config";

/** What needs a real Kafka, a real registry, or the built command. */
const real = ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts"];

/** What takes longer: test/recipes/vitest.config.ts. */
const recipes = "test/recipes/**";

export default defineConfig({
  test: {
    // kafkajs sets timers a moment in the past.
    execArgv: ["--disable-warning=TimeoutNegativeWarning"],
    reporters: ["default", "./test/support/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...real, recipes, "test/cluster/**"],
        },
      },
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
