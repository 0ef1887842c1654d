import type { SyncEnd } from "../../app/sync-connector.ts";
import { counted } from "../../lib/text/counted.ts";
import type { DrainTotals } from "../../pipeline/drain-totals.ts";

/** What one `sync` did. `sessions` counts the 201 responses, `requests` everything that was sent to Sell. */
export interface Summary extends SyncEnd {
  readonly sessions: number;
  readonly fetched: number;
  readonly published: number;
  readonly deadLettered: number;
  readonly superseded: number;
  readonly duplicates: number;
  readonly deferred: number;
  readonly acknowledged: number;
  readonly failedObjects: number;
  readonly requests: number;
  readonly throttled: number;
  readonly durationMs: number;
}

export function summaryOf(
  totals: DrainTotals,
  { result, problems }: SyncEnd,
  durationMs: number,
): Summary {
  return {
    sessions: totals.sessions,
    fetched: totals.fetched,
    published: totals.published,
    deadLettered: totals.deadLettered,
    superseded: totals.superseded,
    duplicates: totals.duplicates,
    deferred: totals.deferred,
    acknowledged: totals.confirmedKeys,
    failedObjects: totals.failedObjects,
    requests: totals.requests,
    throttled: totals.throttled,
    durationMs: Math.round(durationMs),
    result,
    problems,
  };
}

/** Returns the summary as text, a line for each count. */
export function summaryText(summary: Summary): string {
  const seconds = summary.durationMs / 1_000;
  const rate = seconds > 0 ? Math.round(summary.fetched / seconds) : 0;
  const rows: [string, number, string?][] = [
    [
      "fetched",
      summary.fetched,
      `in ${counted(summary.sessions, "session")}, ${rate}/s`,
    ],
    ["published", summary.published],
    ["acknowledged", summary.acknowledged],
    ["dead-lettered", summary.deadLettered],
    ["superseded", summary.superseded],
    ["duplicates", summary.duplicates],
    ["deferred", summary.deferred],
    ["failed objects", summary.failedObjects],
    ["requests", summary.requests, `${summary.throttled} throttled`],
  ];
  const shown = rows.filter(
    ([name, count]) =>
      count > 0 || ["fetched", "published", "acknowledged"].includes(name),
  );
  return [
    ...shown.map(
      ([name, count, note]) =>
        `${name.padEnd(15)}${String(count).padStart(10)}${note === undefined ? "" : `  ${note}`}`,
    ),
    `${"took".padEnd(15)}${`${seconds.toFixed(1)} s`.padStart(10)}`,
  ].join("\n");
}
