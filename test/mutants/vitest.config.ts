// What `npm run mutants:all` runs against each change of the source: what takes little time.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "test/{domain,format,json,kafka,lib,pipeline,publish,sell}/**/*.test.ts",
    ],
    exclude: ["test/pipeline/leaks.test.ts"],
  },
});
