// Each named bug has its place in the source: a change of the source that moves it fails here at once.
import { expect, it } from "vitest";
import { applied } from "./applied.ts";
import { mutants } from "./mutants.ts";
import { readSources } from "./sources.ts";

const sources = await readSources();

it.each(mutants)(
  "there is a place in the source for a connector that $bug",
  (mutant) => {
    const changed = applied(sources, mutant);
    expect(changed.size).toBeGreaterThan(0);
    for (const [path, text] of changed)
      expect(text).not.toBe(sources.get(path));
  },
);
