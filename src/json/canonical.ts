import { elements, members, type Span } from "./members.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/** What lies deeper is compared as it is written. */
const DEEPEST = 200;

/**
 * One text for all JSON texts that say the same: members sorted by name, no white space, strings
 * by their characters; numbers stay digit for digit. The text must be valid JSON.
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

/** An object of members whose texts are canonical already. */
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

function skipSpace(json: Buffer, at: number): number {
  let start = at;
  while ((json[start] ?? 0xff) <= 0x20) start++;
  return start;
}
