import { styleText } from "node:util";
import { cutToWidth } from "../../../observe/terminal/text-width.ts";
import { printable } from "../../../security/printable.ts";
import { operationOf, type Operation, type ReadRecord } from "./tally.ts";

export const HEADING = columnsOf(
  "topic[partition]@offset",
  "key",
  "change",
  "record (cut)",
);

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

/** Returns one line about a change; a deletion's tombstone has no line of its own. */
export function changeLine(
  { place, key, text }: ReadRecord,
  { columns, isColoured }: LineStyle,
): string {
  const operation = operationOf(text);
  const row = rowOf(text) + (operation === "deleted" ? " and a tombstone" : "");
  const start = printable(columnsOf(place, key, operation, ""));
  const line = cutToWidth(start + printable(row), columns);
  if (!isColoured) return line.trimEnd();
  const colour = colours[operation];
  return (
    styleText(colour, line.slice(0, start.length), { validateStream: false }) +
    line.slice(start.length)
  );
}

function columnsOf(place: string, key: string, change: string, row: string) {
  return `${place.padEnd(34)} ${key.padEnd(11)} ${change.padEnd(9)} ${row}`;
}

const envelope =
  /^\{"before":(?:null,"after":)?(?<row>.*?)(?:,"after":null)?,"source":\{/s;

/** Returns the text of `after`, or of `before` when `after` is null. */
function rowOf(text: string | null): string {
  return envelope.exec(text ?? "")?.groups?.["row"] ?? "";
}
