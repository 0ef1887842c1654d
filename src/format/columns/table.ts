import type { Span } from "../../json/members.ts";
import type { UNFIT } from "../scalars/scalars.ts";
import type { Column, ColumnType } from "./column.ts";

/** The columns of one type's rows, in the order of its schema. */
export interface Table {
  readonly columns: readonly Column[];
}

/** The values of a row by column. Null and missing are the same. */
export type Row = Record<string, unknown>;

/** How an encoding holds the values of columns. */
export interface ColumnCodec {
  /** The types of columns that can't be null: readers can't tell that from an empty list. A null is kept as text. */
  readonly neverNull: ReadonlySet<ColumnType>;
  /** The value of a column for the JSON value at a span that is not null, null where it counts as missing; UNFIT when that is not exact. */
  readonly read: Readonly<Record<ColumnType, ReadValue>>;
  /** The text of a JSON text column. */
  readonly fromText: (text: string) => unknown;
  /** The JSON text of a value of a column; of a JSON text column, the text that it holds. */
  readonly toJson: Readonly<Record<ColumnType, (value: unknown) => string>>;
}

export type ReadValue = (json: Buffer, span: Span) => unknown;
export type Unfit = typeof UNFIT;
