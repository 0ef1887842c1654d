import type { Column, ColumnType } from "../../../src/format/columns/column.ts";
import type { World } from "../../../src/simulator/world.ts";
import { sellRecords } from "../sinks.ts";

/** Statements that put Sell's records into the table `sell_state`: type, key and the record as JSON. */
export function sellState(world: World): string {
  const rows = sellRecords(world).map(
    ({ type, key, data }) => `(${[type, key, data].map(quoted).join(",")})`,
  );
  return `DROP TABLE IF EXISTS sell_state;
CREATE TABLE sell_state (type text, key text, data json);
INSERT INTO sell_state VALUES ${rows.join(",\n")};`;
}

/** A query for the keys whose rows differ from Sell's records of a type in any cell. */
export function differences(type: string, columns: readonly Column[]): string {
  const roots = columns.flatMap(({ place }) =>
    place.kind === "member" ? [place.path[0] ?? ""] : [],
  );
  const known = [...roots, "custom_fields"].map(quoted).join(",");
  return `SELECT coalesce(s.key, t.sell_key)
FROM (SELECT * FROM sell_state WHERE type = ${quoted(type)}) s
FULL JOIN "${type}" t ON t.sell_key = s.key
WHERE s.key IS NULL OR t.sell_key IS NULL
OR NOT (${columns.map(cellAgrees).join("\n AND ")})
OR EXISTS (
  SELECT FROM json_each(s.data) m
  WHERE json_typeof(m.value) <> 'null' AND m.key NOT IN (${known})
  AND NOT coalesce(t.extra::jsonb ? m.key, false)
);`;
}

function cellAgrees({ name, type, place }: Column): string {
  const cell = `t."${name}"`;
  switch (place.kind) {
    // Both hold a part of the record as JSON.
    case "extra":
      return `coalesce(s.data::jsonb @> ${cell}::jsonb, true)`;
    // Each custom field of this account has a definition.
    case "other-custom-fields":
      return `coalesce(${cell}, '{}') = '{}'`;
    case "member":
      return `${cell}${cast(type)} IS NOT DISTINCT FROM ${expected(type, place.path)}`;
    case "custom": {
      const { field, part } = place;
      const path = [
        "custom_fields",
        field.name,
        ...(part === null ? [] : [part]),
      ];
      return `${cell} IS NOT DISTINCT FROM ${expected(type, path)}`;
    }
  }
}

function cast(type: ColumnType): string {
  return type === "json" ? "::jsonb" : "";
}

/** What a column holds for the JSON value at a path. */
function expected(type: ColumnType, path: readonly string[]): string {
  const at = `ARRAY[${path.map(quoted).join(",")}]`;
  const value = `(s.data #> ${at})`;
  const text = `(s.data #>> ${at})`;
  const isUs = `${text} LIKE '%/%'`;
  switch (type) {
    case "long":
      return `${text}::bigint`;
    case "decimal":
      return `${text}::numeric(38, 9)`;
    case "boolean":
      return `${text}::boolean`;
    case "timestamp":
      return `(${text}::timestamptz AT TIME ZONE 'UTC')`;
    case "local-timestamp":
      return `CASE WHEN ${isUs} THEN to_timestamp(${text}, 'MM/DD/YYYY HH24:MI')::timestamp ELSE rtrim(${text}, 'Z')::timestamp END`;
    case "date":
      return `CASE WHEN ${isUs} THEN to_date(${text}, 'MM/DD/YYYY') ELSE ${text}::date END`;
    case "string":
      return `CASE json_typeof(${value}) WHEN 'object' THEN ${value} ->> 'name' ELSE ${text} END`;
    case "longs":
      return listOf(value, "(e #>> '{}')::bigint");
    case "strings":
      return listOf(
        value,
        "CASE json_typeof(e) WHEN 'object' THEN e ->> 'name' ELSE e #>> '{}' END",
      );
    case "json":
      return `nullif(${value}::jsonb, 'null'::jsonb)`;
  }
}

function listOf(value: string, element: string): string {
  return `CASE WHEN json_typeof(${value}) = 'array' THEN ARRAY(SELECT ${element} FROM json_array_elements(${value}) e) END`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
