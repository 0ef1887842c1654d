import { glob, readFile } from "node:fs/promises";
import type { Sources } from "./applied.ts";

/** The TypeScript of `src`, by its path from the root of the repository. */
export async function readSources(): Promise<Sources> {
  const sources = new Map<string, string>();
  for await (const path of glob("src/**/*.ts"))
    sources.set(path, await readFile(path, "utf8"));
  return sources;
}
