import { defineConfig } from "vitest/config";

/** What needs a real Kafka, a real registry, or the built command. */
const real = ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts"];

/** What needs none of them, but many seconds of one core, or a process of its own. */
const long = ["test/simulation/**/*.test.ts", "test/pipeline/leaks.test.ts"];

/** What has a configuration of its own. */
const elsewhere = ["test/recipes/**", "test/three-brokers/**"];

/** No test waits for a time of its own choice: a busy machine needs longer than a quiet one. */
const expectations = { poll: { timeout: 30_000, interval: 50 } };

const setupFiles = "./test/support/vitest/seed.ts";

// The servers live for minutes: to optimise their code takes a core longer than it saves.
process.env["JDK_JAVA_OPTIONS"] ??= "-XX:TieredStopAtLevel=1";

export default defineConfig({
  test: {
    // kafkajs sets timers a moment in the past.
    execArgv: ["--disable-warning=TimeoutNegativeWarning"],
    reporters: ["default", "./test/support/vitest/closing-line.ts"],
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          setupFiles,
          include: ["test/**/*.test.ts"],
          exclude: [...real, ...long, ...elsewhere],
          // Half of the time would go into loading the same modules for each file.
          isolate: false,
          expect: expectations,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "long",
          setupFiles,
          include: long,
          expect: expectations,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "real",
          setupFiles,
          include: real,
          globalSetup: "./test/support/vitest/real-servers.ts",
          expect: expectations,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
