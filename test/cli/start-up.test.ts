// Proves that the help and the version are shown without loading what only the bodies of commands need.
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { placeOf, readDocument } from "../support/documents/markdown.ts";
import { readdirSync } from "node:fs";

const commands = readdirSync(placeOf("src/cli/commands"), { recursive: true })
  .map((file) => `src/cli/commands/${String(file)}`)
  .filter((file) => file.endsWith(".ts"))
  .filter((file) => readDocument(file).includes("export const define"));

/** What a file imports as soon as it is loaded; types are imported by nobody. */
function staticImports(file: string): string[] {
  return [
    ...readDocument(file).matchAll(
      /^(?:import|export)(?! type)\b[^;]*? from "([^"]+)";/gm,
    ),
  ].map(([, from = ""]) => from);
}

/** The packages that are loaded with some files. */
function packagesOf(files: readonly string[]): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const left = [...files];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const from of staticImports(file))
      if (from.startsWith(".")) left.push(join(dirname(file), from));
      else if (!from.startsWith("node:")) packages.add(from);
  }
  return packages;
}

it("commands are defined without any library but the one that reads the command line", () => {
  expect(commands.length).toBeGreaterThan(10);
  const packages = packagesOf(["src/cli/program.ts", ...commands]);
  expect([...packages]).toEqual(["@commander-js/extra-typings"]);
});
