/** The repairs of kafkajs replace private parts of one version of it: no other one is installed. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";

const PAGE = "src/kafka/client/repairs/README.md";

it("is the version of kafkajs that is repaired", () => {
  const { version } = createRequire(import.meta.url)(
    "kafkajs/package.json",
  ) as { version: string };
  expect(
    version,
    `kafkajs ${version} is installed, and what is repaired belongs to 2.2.4: go through ${PAGE} before this version is taken`,
  ).toBe("2.2.4");
  expect(readFileSync(PAGE, "utf8")).toContain(`kafkajs ${version}`);
});
