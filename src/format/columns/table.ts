import type { Span } from "../../json/members.ts";
import type { UNFIT } from "../scalars/scalars.ts";
import type { Column, ColumnType } from "./column.ts";

/** The columns of one type's rows, in the order of its schema. */
export interface Table {
  readonly columns: readonly Column[];
}

/** The values of a row by the names of columns. Null and missing are the same. */
export type Row = Readonly<Record<string, unknown>>;

/** The values of a row in the order of its table's columns. Null and missing are the same. */
export type Values = unknown[];

/** How an encoding makes the values of columns of a record. */
export interface ColumnReads {
  /** The types of columns that can't be null: readers can't tell that from an empty list. A null is kept as text. */
  readonly neverNull: ReadonlySet<ColumnType>;
  /** The value of a column for the JSON value at a span that is not null, null where it counts as missing; UNFIT when that is not exact. */
  readonly read: Readonly<Record<ColumnType, ReadValue>>;
  /** The text of a JSON text column. */
  readonly fromText: (text: string) => unknown;
}

/** How an encoding holds the values of columns. */
export interface ColumnCodec extends ColumnReads {
  /** The JSON text of a value of a column; of a JSON text column, the text that it holds. */
  readonly toJson: Readonly<Record<ColumnType, (value: unknown) => string>>;
}

export type ReadValue = (json: Buffer, span: Span) => unknown;
export type Unfit = typeof UNFIT;
