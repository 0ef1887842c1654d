/** Where one member of a JSON object, or one element of an array, lies in its text. Offsets are in bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Finds where values begin and end, so that their text can be passed on as it came.
 * The text must already have been accepted by `JSON.parse`: nothing is checked again here.
 */
function skipSpace(json: Uint8Array, at: number): number {
  let pos = at;
  for (;;) {
    const byte = json[pos];
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) pos++;
    else return pos;
  }
}

function skipString(json: Uint8Array, at: number): number {
  let pos = at + 1;
  for (;;) {
    const byte = json[pos];
    if (byte === BACKSLASH) pos += 2;
    else if (byte === QUOTE) return pos + 1;
    else if (byte === undefined) return pos;
    else pos++;
  }
}

/** The offset just after the value that starts at `at`. */
function skipValue(json: Uint8Array, at: number): number {
  const first = json[at];
  if (first === QUOTE) return skipString(json, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) {
    let depth = 1;
    let pos = at + 1;
    while (depth > 0) {
      const byte = json[pos];
      if (byte === QUOTE) {
        pos = skipString(json, pos);
        continue;
      }
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
      else if (byte === undefined) return pos;
      pos++;
    }
    return pos;
  }
  let pos = at;
  for (;;) {
    const byte = json[pos];
    if (
      byte === undefined ||
      byte === COMMA ||
      byte === CLOSE_BRACE ||
      byte === CLOSE_BRACKET ||
      byte <= 0x20
    )
      return pos;
    pos++;
  }
}

/**
 * The members of the object that starts at `at`, by name. A name that comes twice keeps
 * its last value, as with `JSON.parse`. Empty when there is no object at `at`.
 */
export function members(json: Buffer, at = 0): Map<string, Span> {
  const found = new Map<string, Span>();
  let pos = skipSpace(json, at);
  if (json[pos] !== OPEN_BRACE) return found;
  pos = skipSpace(json, pos + 1);
  while (json[pos] === QUOTE) {
    const nameEnd = skipString(json, pos);
    const name = nameOf(json, pos, nameEnd);
    pos = skipSpace(json, nameEnd);
    if (json[pos] === COLON) pos = skipSpace(json, pos + 1);
    const end = skipValue(json, pos);
    found.set(name, { start: pos, end });
    pos = skipSpace(json, end);
    if (json[pos] === COMMA) pos = skipSpace(json, pos + 1);
  }
  return found;
}

/** The elements of the array that starts at `at`. Empty when there is no array at `at`. */
export function elements(json: Buffer, at = 0): Span[] {
  const found: Span[] = [];
  let pos = skipSpace(json, at);
  if (json[pos] !== OPEN_BRACKET) return found;
  pos = skipSpace(json, pos + 1);
  while (pos < json.length && json[pos] !== CLOSE_BRACKET) {
    const end = skipValue(json, pos);
    found.push({ start: pos, end });
    pos = skipSpace(json, end);
    if (json[pos] === COMMA) pos = skipSpace(json, pos + 1);
  }
  return found;
}

function nameOf(json: Buffer, start: number, end: number): string {
  for (let pos = start + 1; pos < end - 1; pos++) {
    if (json[pos] === BACKSLASH)
      return JSON.parse(json.toString("utf8", start, end)) as string;
  }
  return json.toString("utf8", start + 1, end - 1);
}
