import { printable } from "../../security/printable.ts";

/** Pads a cell to the width of its column. */
type Pad = (cell: string, width: number, column: number) => string;

/** Returns the lines of a table: each column is as wide as its widest cell, and control characters are escaped. */
export function tableLines(
  cells: readonly (readonly string[])[],
  pad: Pad = (cell, width) => cell.padEnd(width),
): string[] {
  const rows = cells.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join("  ")
      .trimEnd(),
  );
}
