import type { DeadLetterOverview } from "../../../dead-letters/dead-letter-groups.ts";
import type { ListedDeadLetter } from "../../../dead-letters/dead-letter-listing.ts";
import type { Settlement } from "../../../dead-letters/dead-letter-index.ts";
import { cutText } from "../../../lib/text/cut-text.ts";
import { tableLines } from "../../output/table.ts";
import { deadLetterFacts, oneLine } from "./common.ts";

const LONGEST_CELL_BYTES = 100;

/** The ids of the oldest dead letters, in bounded memory; incomplete ones only where any state is wanted. */
export function oldestIds(
  { index, incomplete }: DeadLetterOverview,
  wanted: { readonly settlement: Settlement | null; readonly limit: number },
): ReadonlySet<string> {
  const { settlement, limit } = wanted;
  let found: { readonly id: string; readonly timeMs: number }[] =
    settlement === null ? [...incomplete] : [];
  const keepOldest = () => {
    found = found.sort((a, b) => a.timeMs - b.timeMs).slice(0, limit);
  };
  for (const one of index) {
    if (settlement !== null && one.settlement !== settlement) continue;
    const { partition, offset, timeMs } = one;
    found.push({ id: `${partition}/${offset}`, timeMs });
    if (found.length >= 2 * limit + 1_000) keepOldest();
  }
  keepOldest();
  return new Set(found.map(({ id }) => id));
}

/** How many dead letters a list of each would show without a limit. */
export function countOf(
  { counts }: DeadLetterOverview,
  isDismissed: boolean,
): number {
  const { waiting, replayed, dismissed, incomplete } = counts;
  return isDismissed ? dismissed : waiting + replayed + dismissed + incomplete;
}

export function eachJson(letters: readonly ListedDeadLetter[]): string {
  return JSON.stringify(letters.map(deadLetterFacts));
}

export function eachText(
  letters: readonly ListedDeadLetter[],
  left: number,
): string {
  if (letters.length === 0) return "there are no dead letters";
  const rows = letters.map((letter) => [
    letter.id,
    new Date(letter.timeMs).toISOString(),
    shortened(letter.type ?? "-"),
    shortened(letter.key),
    letter.stage,
    letter.state,
    oneLine(letter.reason),
  ]);
  const all = [
    ["ID", "TIME", "TYPE", "KEY", "STAGE", "STATE", "REASON"],
    ...rows,
  ];
  const lines = tableLines(all);
  return [...lines, ...(left > 0 ? [leftOutText(left)] : [])].join("\n");
}

export function leftOutText(left: number): string {
  return `${left} later ones are left out; --limit shows more`;
}

/** Cuts a name to the width of a column. */
function shortened(name: string): string {
  const cut = cutText(name, LONGEST_CELL_BYTES);
  return cut === name ? name : `${cut}…`;
}
