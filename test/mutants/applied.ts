import type { Mutant } from "./mutants.ts";

/** The source with a bug in it. Throws when a text that the bug takes the place of is not there, or not once. */
export function applied(
  source: string,
  changes: Mutant["changes"],
  file: string,
): string {
  return changes.reduce((text, [before, after]) => {
    const count = text.split(before).length - 1;
    if (count !== 1)
      throw new Error(`${file} holds this ${count} times, not once: ${before}`);
    return text.replace(before, () => after);
  }, source);
}
