import type { Change } from "../domain/change.ts";

/** The same order, but that the revisions of one record rise. */
export function inOrderOfRevision(
  changes: readonly Change[],
): readonly Change[] {
  if (!hasRepeatedRecords(changes)) return changes;
  const places = new Map<string, number[]>();
  changes.forEach((change, place) => {
    if (change.revision === null) return;
    const record = nameOf(change);
    const known = places.get(record);
    if (known === undefined) places.set(record, [place]);
    else known.push(place);
  });
  const ordered = [...changes];
  for (const own of places.values()) {
    if (own.length === 1) continue;
    const rising = own
      .flatMap((place) => changes[place] ?? [])
      .sort((a, b) => compare(a.revision, b.revision));
    own.forEach((place, index) => {
      const change = rising[index];
      if (change !== undefined) ordered[place] = change;
    });
  }
  return ordered;
}

function hasRepeatedRecords(changes: readonly Change[]): boolean {
  const records = new Set<string>();
  for (const change of changes) {
    if (change.revision === null) continue;
    const record = nameOf(change);
    if (records.has(record)) return true;
    records.add(record);
  }
  return false;
}

function nameOf({ type, recordKey }: Change): string {
  return `${type}\n${recordKey}`;
}

function compare(a: number | bigint | null, b: number | bigint | null): number {
  if (a === null || b === null || a === b) return 0;
  return a < b ? -1 : 1;
}
