import { bodyOf, schemaIdIn } from "./schema-registry/frame.ts";

const OPEN_BRACE = 0x7b;

/** The JSON text of a value, without the schema id that may precede it; null when the value is binary. */
export function jsonTextIn(value: Buffer): string | null {
  if (schemaIdIn(value) === null) return value.toString("utf8");
  const body = bodyOf(value);
  if (body[0] !== OPEN_BRACE) return null;
  const text = body.toString("utf8");
  try {
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}
