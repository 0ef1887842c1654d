// No package runs a script at installation that SECURITY.md does not name.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

function read(file: string): unknown {
  const url = new URL(`../../${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

it("every package that runs a script when it is installed is named and reviewed", () => {
  const { packages } = read("package-lock.json") as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const { allowScripts } = read("package.json") as {
    allowScripts: Record<string, boolean>;
  };
  const withScript = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => path.split("node_modules/").at(-1));
  expect(new Set(withScript)).toEqual(new Set(Object.keys(allowScripts)));
  const review = readFileSync(
    new URL("../../SECURITY.md", import.meta.url),
    "utf8",
  );
  for (const name of Object.keys(allowScripts))
    expect(review).toContain(`| \`${name}\` `);
});
