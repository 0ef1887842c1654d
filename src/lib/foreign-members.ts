/**
 * Reads members of values that other code threw. A getter or a proxy's trap may throw in turn: such
 * a member counts as missing.
 */

export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return Reflect.get(value, name) as unknown;
  } catch {
    return undefined;
  }
}

/** Returns a member that is a string, or an empty string. */
export function textOf(value: unknown, name: string): string {
  const member = memberOf(value, name);
  return typeof member === "string" ? member : "";
}
