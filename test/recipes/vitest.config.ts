import { defineConfig } from "vitest/config";

const limits = { testTimeout: 120_000, hookTimeout: 300_000 };
const globalSetup = "./test/support/vitest/real-servers.ts";

/** What downloads and starts programs of others, and so takes longer than the tests of every day. */
export default defineConfig({
  test: {
    execArgv: ["--disable-warning=TimeoutNegativeWarning"],
    reporters: ["default", "./test/support/vitest/closing-line.ts"],
    projects: [
      {
        test: {
          name: "recipes",
          include: ["test/recipes/*.test.ts"],
          globalSetup,
          ...limits,
        },
      },
      {
        test: {
          name: "heavy",
          include: ["test/recipes/heavy/*.test.ts"],
          globalSetup,
          ...limits,
        },
      },
    ],
  },
});
