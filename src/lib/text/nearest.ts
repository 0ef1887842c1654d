import { distance } from "fastest-levenshtein";

/** The known words that a mistyped one may stand for, the nearest first. */
export function nearestOf(word: string, known: readonly string[]): string[] {
  const most = Math.max(2, word.length / 3);
  return known
    .map((name) => ({
      name,
      edits: distance(word.toLowerCase(), name.toLowerCase()),
    }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits)
    .map(({ name }) => name);
}
