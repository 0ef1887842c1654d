import {
  BACKSLASH,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
} from "./bytes.ts";
import { elements, members, type Span } from "./members.ts";

/** Values at deeper levels keep the text that they have. */
const DEEPEST = 200;

/**
 * Returns the same text for all JSON texts of equal content: members sorted by name, no white space,
 * strings without needless escapes, numbers digit for digit. The text must be valid JSON.
 */
export function canonicalJson(
  json: Buffer,
  span: Span = { start: 0, end: json.length },
): string {
  return canonical(json, span, 0);
}

function canonical(json: Buffer, span: Span, depth: number): string {
  const start = skipSpace(json, span.start);
  const first = json[start];
  if (first === QUOTE) return canonicalString(json, start, span.end);
  if (depth < DEEPEST && first === OPEN_BRACE)
    return canonicalObject(
      [...members(json, start)].map(([name, member]) => [
        name,
        canonical(json, member, depth + 1),
      ]),
    );
  if (depth < DEEPEST && first === OPEN_BRACKET)
    return `[${elements(json, start)
      .map((element) => canonical(json, element, depth + 1))
      .join(",")}]`;
  return json.toString("utf8", start, span.end).trim();
}

/** Returns the canonical text of an object whose members' texts are canonical. */
export function canonicalObject(
  entries: readonly (readonly [name: string, text: string])[],
): string {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}

function canonicalString(json: Buffer, start: number, end: number): string {
  const text = json.toString("utf8", start, end);
  for (let at = start; at < end; at++)
    if (json[at] === BACKSLASH) return JSON.stringify(JSON.parse(text));
  return text.trim();
}
