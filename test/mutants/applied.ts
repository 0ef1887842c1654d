import type { Mutant } from "./mutants.ts";

/** Source texts by path. */
export type Sources = ReadonlyMap<string, string>;

/**
 * The files that a bug changes, with the bug in them. White space counts as one space. Throws when a
 * text that the bug takes the place of does not stand exactly once in the sources.
 */
export function applied(
  sources: Sources,
  { file = "", changes }: Pick<Mutant, "file" | "changes">,
): Map<string, string> {
  const changed = new Map<string, string>();
  for (const [before, after] of changes) {
    const pattern = patternOf(before);
    const places = [...sources].flatMap(([path, source]) =>
      path.endsWith(file)
        ? Array.from(source.matchAll(pattern), () => path)
        : [],
    );
    const [path = ""] = places;
    if (places.length !== 1)
      throw new Error(
        `${places.length} places (${places.join(", ")}), not one: ${before}`,
      );
    const source = changed.get(path) ?? sources.get(path) ?? "";
    changed.set(
      path,
      source.replace(pattern, () => after),
    );
  }
  return changed;
}

function patternOf(text: string): RegExp {
  const escaped = text.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(escaped.replaceAll(/\s+/g, "\\s+"), "g");
}
