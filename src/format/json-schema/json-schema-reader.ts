import type { CustomFields } from "../../domain/custom-fields.ts";
import { tableMeaning } from "../columns/record-text.ts";
import { jsonReader, recordSpanIn } from "../json/json-reader.ts";
import type { ValueReader } from "../value-format.ts";
import { columnsIn } from "./column-schemas.ts";
import { jsonCodec, rowIn } from "./columns.ts";

/** Reads values that are JSON text, in either layout. */
export function jsonSchemaReader(
  text: string,
  customFields: CustomFields | null,
): ValueReader {
  const found = columnsIn(text);
  if (found === null) return jsonReader;
  const fields = customFields?.of(found.type) ?? null;
  const meaning = tableMeaning(found.table, jsonCodec, fields);
  return {
    read(body) {
      const span = recordSpanIn(body);
      return span === null ? null : meaning.ofRow(rowIn(body, span.start));
    },
    canonical: (data) => meaning.ofJson(data),
  };
}
