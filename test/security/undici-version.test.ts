// The parts of undici that are loaded by their files are known of this version only.
import { expect, it } from "vitest";
import undici from "undici/package.json" with { type: "json" };

it("is the version whose files are known", () => {
  expect(undici.version).toBe("8.12.4");
});
