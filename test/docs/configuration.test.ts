// docs/configuration.md is generated, complete, and marks every secret.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configDocsText, file } from "../../scripts/config-docs.ts";
import { secretPaths } from "../../src/config/definition/config.ts";

it("docs/configuration.md is what npm run schema writes", async () => {
  expect(readFileSync(file, "utf8")).toBe(await configDocsText());
});

it("docs/configuration.md explains every key, and marks the secrets", async () => {
  const rows = (await configDocsText())
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  expect(rows.length).toBeGreaterThan(50);
  for (const [, key, type, , meaning] of rows)
    expect([key, type, meaning]).not.toContain("");
  const secrets = rows
    .map(([, key = ""]) => key.replaceAll("`", ""))
    .filter((key) => /(password|secret|token|passphrase)$/i.test(key));
  expect(secrets.sort()).toEqual([...secretPaths].sort());
  for (const path of secretPaths)
    expect(rows.find(([, key]) => key === `\`${path}\``)?.[4]).toContain(
      "**Secret**",
    );
});
