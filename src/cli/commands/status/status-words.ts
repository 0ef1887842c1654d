import { concernOf } from "../../../observe/troubles/trouble.ts";
import { printable } from "../../../security/printable.ts";
import { tableLines } from "../../output/table.ts";
import type {
  ShownConnector,
  ShownFleet,
  ShownStatus,
  ShownTrouble,
} from "./shown-status.ts";

const MOST_ROWS = 200;
const MOST_TROUBLES = 50;

/** Returns a status as lines for people. */
export function statusWords(status: ShownStatus): string[] {
  return "connectors" in status ? fleetWords(status) : connectorWords(status);
}

function connectorWords(status: ShownConnector): string[] {
  const { activity, troubles, atMs, deadLetters } = status;
  return [
    printable(`${status.connector}: ${activity.headline}`),
    printable(`  ${activity.detail}`),
    printable(`  ${status.sell} to ${status.to}`),
    ...troubleLines(troubles, atMs, activity.detail),
    "",
    ...figureLines(status),
    ...section("by type", typeTable(status)),
    ...section("latest dead letters", deadLetterLines(deadLetters)),
  ];
}

function deadLetterLines(deadLetters: ShownConnector["deadLetters"]): string[] {
  if (deadLetters.length === 0) return [];
  const lines = deadLetters.map(({ atMs, count, type, stage, reason }) =>
    printable(`  ${timeOf(atMs)}  ${count} of ${type}, ${stage}: ${reason}`),
  );
  return [...lines, "  see the causes and what to do:", LIST_COMMAND];
}

const LIST_COMMAND = "  $ sell-kafka dead-letters list --config FILE";

function fleetWords(status: ShownFleet): string[] {
  const { connectors, troubles, atMs, folder, instance } = status;
  const ready = connectors.filter((one) => one.ready).length;
  const rows = connectors
    .slice(0, MOST_ROWS)
    .map((one) => [
      one.name,
      one.headline,
      one.runsOn ?? "-",
      String(one.published),
      String(one.deadLettered),
      one.lastCompleteAtMs === null ? "-" : timeOf(one.lastCompleteAtMs),
    ]);
  const heads = [
    "connector",
    "state",
    "runs on",
    "published",
    "dead letters",
    "last complete drain",
  ];
  return [
    printable(
      status.headline ?? `${ready} of ${connectors.length} connectors are well`,
    ),
    printable(`  ${folder}, on ${instance}`),
    ...troubleLines(troubles, atMs),
    ...section("connectors", cut(tableLines([heads, ...rows]), connectors)),
  ];
}

function troubleLines(
  troubles: readonly ShownTrouble[],
  atMs: number,
  /** Said above already. */
  saidRemedy = "",
): string[] {
  const shown = troubles.slice(0, MOST_TROUBLES).flatMap((one) => {
    const remedy = one.remedy === saidRemedy ? "" : one.remedy;
    return ["", ...troubleWords({ ...one, remedy }, atMs)];
  });
  const more = troubles.length - MOST_TROUBLES;
  return more > 0 ? [...shown, "", `and ${more} more`] : shown;
}

function troubleWords(trouble: ShownTrouble, atMs: number): string[] {
  const { code, headline, host, reason, remedy, command } = trouble;
  const { records, typeCount, types, sinceMs, nextTryMs } = trouble;
  const concern = concernOf({
    records: records ?? null,
    typeCount: typeCount ?? null,
    types: types ?? [],
  });
  const since = sinceMs ?? null;
  const next = nextTryMs ?? null;
  const facts: readonly (readonly [string, string])[] = [
    ["why", reason],
    ["what", concern],
    ["host", host ?? ""],
    [
      "since",
      since === null ? "" : `${timeOf(since)}, for ${spanOf(atMs - since)}`,
    ],
    [
      "next try",
      next === null ? "" : next <= atMs ? "now" : `in ${spanOf(next - atMs)}`,
    ],
    ["to do", remedy],
  ];
  return [
    printable(headline === undefined ? code : `${headline} (${code})`),
    ...facts
      .filter(([, words]) => words !== "")
      .flatMap(([name, words]) => withIndent(name, words)),
    ...(command ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => printable(`  $ ${line}`)),
  ];
}

/** The lines of a text stay lines, below its first one. */
function withIndent(name: string, words: string): string[] {
  return words
    .split("\n")
    .map(
      (line, at) => `  ${(at === 0 ? name : "").padEnd(9)} ${printable(line)}`,
    );
}

function figureLines(status: ShownConnector): string[] {
  const { totals, buffered, unacknowledged, drain, atMs } = status;
  const lag = status.lagSeconds ?? null;
  const complete = status.lastCompleteAtMs;
  const facts: readonly (readonly [string, string])[] = [
    ["published", String(totals.published)],
    ["acknowledged", String(totals.acknowledged)],
    ["to acknowledge", String(unacknowledged)],
    ["held", String(buffered.items)],
    ["dead letters", String(totals.deadLettered)],
    ["lag", lag === null ? "not known" : spanOf(lag * 1_000)],
    [
      "last complete",
      complete === null
        ? "none since the start"
        : `${timeOf(complete)}, ${spanOf(atMs - complete)} ago`,
    ],
    ["up for", spanOf(atMs - status.startedAtMs)],
    ["version", status.version],
    ...customFieldFacts(status),
    ...(drain === null
      ? []
      : [
          [
            "drain",
            `${drain.done}${drain.total === null ? "" : ` of about ${drain.total}`} records${drain.perSecond === null ? "" : `, ${Math.round(drain.perSecond)} a second`}`,
          ] as const,
        ]),
  ];
  return facts.map(([name, value]) => printable(`${name.padEnd(15)} ${value}`));
}

function customFieldFacts({
  customFieldsUnknown: unknownBecause,
}: ShownConnector): (readonly [string, string])[] {
  return unknownBecause === null || unknownBecause === undefined
    ? []
    : [["custom fields", `JSON text, definitions unknown: ${unknownBecause}`]];
}

function typeTable({ types }: ShownConnector): string[] {
  if (types.length === 0) return [];
  const rows = types
    .slice(0, MOST_ROWS)
    .map((one) => [
      one.type,
      ...[
        one.created,
        one.updated,
        one.deleted,
        one.deferred,
        one.deadLettered,
      ].map(String),
    ]);
  const heads = [
    "type",
    "created",
    "updated",
    "deleted",
    "waiting",
    "dead letters",
  ];
  const lines = tableLines([heads, ...rows], (cell, width, column) =>
    column === 0 ? cell.padEnd(width) : cell.padStart(width),
  );
  return cut(lines, types);
}

function cut(lines: readonly string[], all: readonly unknown[]): string[] {
  const more = all.length - MOST_ROWS;
  return more > 0 ? [...lines, `and ${more} more`] : [...lines];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines];
}

/** Returns a time as ISO 8601, to the second; any number is taken. */
function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? "an unknown time"
    : date.toISOString().replace(/\.\d+Z$/, "Z");
}

const units = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** Returns a time span by its two largest units, such as `3 min 20 s`. */
function spanOf(ms: number): string {
  let left = Math.max(0, Math.round(ms / 1_000));
  const parts: string[] = [];
  for (const [size, unit] of units) {
    const whole = Math.floor(left / size);
    left -= whole * size;
    if (whole > 0) parts.push(`${whole} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}
