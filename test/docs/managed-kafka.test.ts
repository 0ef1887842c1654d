// Each configuration of docs/managed-kafka.md is valid as it is written, without a warning.
import { expect, it } from "vitest";
import { parseConfig } from "../../src/config/load-config.ts";
import { warningsIn } from "../../src/config/warnings.ts";
import { Authority } from "../support/http/certificates.ts";
import { blocksOf } from "../support/documents/markdown.ts";

const blocks = blocksOf("docs/managed-kafka.md").map(
  ({ text }, place) => [place + 1, text] as const,
);

it("docs/managed-kafka.md has configurations", () => {
  expect(blocks.length).toBeGreaterThan(5);
});

it.each(blocks)("configuration %i is valid", async (_, text) => {
  const { certificate } = await Authority.named("authority");
  const variables = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(
    ([, name = ""]) => [name, "word"] as const,
  );
  const sell = { accessToken: "x".repeat(64) };
  const config = await parseConfig(
    JSON.stringify({
      name: "sell",
      sell,
      ...(JSON.parse(text) as object),
    }),
    "/etc/sell/c.json",
    Object.fromEntries(variables),
    () => Promise.resolve(certificate),
  );
  expect(warningsIn(config)).toEqual([]);
});
