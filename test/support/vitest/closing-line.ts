import type { Reporter, TestModule } from "vitest/node";

/** Ends the run with one plain line that machines read: `N passed, N failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
  ): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else if (state === "failed") failed++;
      }
      for (const part of [module, ...module.children.allSuites()])
        if (part.errors().length > 0) failed++;
    }
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
  }
}
