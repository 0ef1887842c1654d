/** An object that `JSON.parse` made of a server's text: no member of it is certain to exist. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectIn(value: unknown, name: string): JsonObject | null {
  const member = isObject(value) ? value[name] : undefined;
  return isObject(member) ? member : null;
}

export function textIn(value: JsonObject | null, name: string): string | null {
  const member = value?.[name];
  return typeof member === "string" && member !== "" ? member : null;
}
