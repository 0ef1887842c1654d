import { styleText } from "node:util";
import { cutToWidth } from "../../../observe/terminal/text-width.ts";
import { printable } from "../../../security/printable.ts";
import { operationOf, type Operation, type ReadRecord } from "./tally.ts";

const KEY_COLUMNS = 11;
const KEY_START = 3;

const colours = {
  created: "green",
  updated: "yellow",
  deleted: "red",
  tombstone: "red",
} as const satisfies Record<Operation, string>;

export interface LineStyle {
  /** The most columns that the line may take. */
  readonly columns: number;
  readonly isColoured: boolean;
}

/** Returns the heading of lines such as that of the record. */
export function headingOf({ topic, place }: ReadRecord): string {
  const where = place === topic ? "topic" : "topic[partition]@offset";
  return columnsOf(where, "key", "change", "record (cut)");
}

/** Returns one line about a change; a deletion's tombstone has no line of its own. */
export function changeLine(
  { place, key, text }: ReadRecord,
  { columns, isColoured }: LineStyle,
): string {
  const operation = operationOf(text);
  const row = rowOf(text) + (operation === "deleted" ? " and a tombstone" : "");
  const start = columnsOf(
    printable(place),
    shortKey(printable(key)),
    operation,
    "",
  );
  const line = cutToWidth(start + printable(row), columns);
  if (!isColoured) return line.trimEnd();
  const colour = colours[operation];
  return (
    styleText(colour, line.slice(0, start.length), { validateStream: false }) +
    line.slice(start.length)
  );
}

/** Cuts a long key in the middle: keys of one type begin alike. */
function shortKey(key: string): string {
  if (key.length <= KEY_COLUMNS) return key;
  const end = key.slice(KEY_START + 1 - KEY_COLUMNS);
  return `${key.slice(0, KEY_START)}…${end}`;
}

function columnsOf(place: string, key: string, change: string, row: string) {
  return `${place.padEnd(34)} ${key.padEnd(KEY_COLUMNS)} ${change.padEnd(9)} ${row}`;
}

const envelope =
  /^\{"before":(?:null,"after":)?(?<row>.*?)(?:,"after":null)?,"source":\{/s;

/** Returns the text of `after`, or of `before` when `after` is null. */
function rowOf(text: string | null): string {
  return envelope.exec(text ?? "")?.groups?.["row"] ?? "";
}
