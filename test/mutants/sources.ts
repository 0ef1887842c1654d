import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sources } from "./applied.ts";

/** The TypeScript of `src`, by its path from the root of the repository. */
export async function readSources(): Promise<Sources> {
  const sources = new Map<string, string>();
  // No glob: knip would take its matches for entry files, and find no unused file among them.
  for (const name of await readdir("src", { recursive: true })) {
    const path = join("src", name);
    if (path.endsWith(".ts")) sources.set(path, await readFile(path, "utf8"));
  }
  return sources;
}
