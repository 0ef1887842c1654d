import type { CustomFieldList } from "../../domain/custom-fields.ts";
import { baseColumns } from "./base-columns.ts";
import { isCustom } from "./column.ts";
import { customColumns } from "./custom-columns.ts";
import type { Table } from "./table.ts";

/** The facts that decide about the columns of a type, beside its committed schema. */
export interface KnownColumns {
  /** The text of the newest registered schema, whose columns stay; null when there is none. */
  readonly latest: string | null;
  /** The custom fields that the records have; null when they are unknown. */
  readonly fields: CustomFieldList | null;
}

/** The table for a committed schema. Columns of an earlier table keep their names and never leave. */
export function plannedTable(
  schemaName: string,
  earlier: Table | null,
  fields: CustomFieldList | null,
): Table {
  const base = baseColumns(schemaName);
  const names = new Set(base.map(({ name }) => name));
  const kept = (earlier?.columns ?? []).filter(({ name }) => !names.has(name));
  const others = kept.filter((column) => !isCustom(column));
  const hasCustomFields = base.some(
    ({ place }) => place.kind === "other-custom-fields",
  );
  if (!hasCustomFields) return { columns: [...base, ...kept] };
  for (const { name } of others) names.add(name);
  const custom = customColumns(kept.filter(isCustom), fields ?? [], names);
  return { columns: [...base, ...others, ...custom] };
}
