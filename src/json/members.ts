import {
  QUOTE,
  COMMA,
  COLON,
  OPEN_BRACKET,
  BACKSLASH,
  CLOSE_BRACKET,
  OPEN_BRACE,
  CLOSE_BRACE,
  skipSpace,
  skipString,
} from "./bytes.ts";

/**
 * Finds where values begin and end in a JSON text, so that each can be passed on byte for byte.
 * `JSON.parse` must have accepted the text: nothing is checked again here.
 */

/** The position of a value in its JSON text, as byte offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Returns the offset behind the value that starts at `at`. */
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

/** The position of a value, and of its members or elements. */
export interface Outline extends Span {
  readonly members: ReadonlyMap<string, Outline>;
  readonly elements: readonly Outline[];
}

const noMembers: ReadonlyMap<string, Outline> = new Map();
const noElements: readonly Outline[] = [];

/**
 * Finds the members of the object that starts at `at`. A repeated name keeps its last value, as with
 * `JSON.parse`. Empty when there is no object at `at`.
 */
export function members(json: Buffer, at = 0): ReadonlyMap<string, Span> {
  const found = new Map<string, Span>();
  visitMembers(json, at, (name, start, end) => {
    found.set(name, { start, end });
  });
  return found;
}

/**
 * Tells the name and the position of each member of the object that starts at `at`, repeated names
 * too, without looking into the values. `usual` keeps the names for the next object of this kind,
 * whose names are read faster when they come in the same order.
 */
export function visitMembers(
  json: Buffer,
  at: number,
  visit: (name: string, start: number, end: number) => void,
  usual: string[] = [],
): void {
  const open = skipSpace(json, at);
  if (json[open] !== OPEN_BRACE) return;
  let pos = skipSpace(json, open + 1);
  for (let nth = 0; json[pos] === QUOTE; nth++) {
    let name = usual[nth];
    let nameEnd = pos + 2 + (name?.length ?? 0);
    if (
      name === undefined ||
      json[nameEnd - 1] !== QUOTE ||
      !isAt(json, pos + 1, nameEnd - 1, name)
    ) {
      nameEnd = skipString(json, pos);
      name = readName(json, pos, nameEnd);
      if (nth < MOST_USUAL && canKeep(name, pos, nameEnd)) usual[nth] = name;
    }
    pos = skipSpace(json, nameEnd);
    if (json[pos] === COLON) pos = skipSpace(json, pos + 1);
    const end = skipValue(json, pos);
    visit(name, pos, end);
    pos = skipSpace(json, end);
    if (json[pos] === COMMA) pos = skipSpace(json, pos + 1);
  }
}

/** Finds the elements of the array that starts at `at`. Empty when there is no array at `at`. */
export function elements(json: Buffer, at = 0): readonly Span[] {
  return outline(json, at, 1).elements;
}

/** Finds the value that starts at `at` and what it holds, `depth` levels down, in one pass. */
export function outline(json: Buffer, at: number, depth: number): Outline {
  const start = skipSpace(json, at);
  const first = depth > 0 ? json[start] : undefined;
  if (first === OPEN_BRACE) return objectAt(json, start, depth);
  if (first === OPEN_BRACKET) return arrayAt(json, start, depth);
  const end = skipValue(json, start);
  return { start, end, members: noMembers, elements: noElements };
}

function objectAt(json: Buffer, start: number, depth: number): Outline {
  const found = new Map<string, Outline>();
  let pos = skipSpace(json, start + 1);
  while (json[pos] === QUOTE) {
    const nameEnd = skipString(json, pos);
    const name = readName(json, pos, nameEnd);
    pos = skipSpace(json, nameEnd);
    if (json[pos] === COLON) pos++;
    const value = outline(json, pos, depth - 1);
    found.set(name, value);
    pos = skipSpace(json, value.end);
    if (json[pos] === COMMA) pos = skipSpace(json, pos + 1);
  }
  return { start, end: pos + 1, members: found, elements: noElements };
}

function arrayAt(json: Buffer, start: number, depth: number): Outline {
  const found: Outline[] = [];
  let pos = skipSpace(json, start + 1);
  while (pos < json.length && json[pos] !== CLOSE_BRACKET) {
    const element = outline(json, pos, depth - 1);
    found.push(element);
    pos = skipSpace(json, element.end);
    if (json[pos] === COMMA) pos = skipSpace(json, pos + 1);
  }
  return { start, end: pos + 1, members: noMembers, elements: found };
}

/** The latest member names, by their hash: all pages of a queue repeat the same few names. */
const names: string[] = [];
const NAME_SLOTS = 2_048;
/** Longer names are read anew each time. */
const LONGEST_KEPT = 128;
/** So many usual names are kept of one kind of object. */
const MOST_USUAL = 256;

function readName(json: Buffer, start: number, end: number): string {
  let hash = 0;
  for (let pos = start + 1; pos < end - 1; pos++) {
    const byte = json[pos] ?? 0;
    if (byte === BACKSLASH)
      return JSON.parse(json.toString("utf8", start, end)) as string;
    hash = (hash * 31 + byte) | 0;
  }
  const slot = (hash >>> 0) % NAME_SLOTS;
  const known = names[slot];
  if (known !== undefined && isAt(json, start + 1, end - 1, known))
    return known;
  const name = json.toString("utf8", start + 1, end - 1);
  if (canKeep(name, start, end)) names[slot] = name;
  return name;
}

/**
 * Whether a name is short, and can be compared by `isAt`: with as many characters as bytes it is
 * ASCII and has no escapes.
 */
function canKeep(name: string, start: number, end: number): boolean {
  return name.length === end - start - 2 && name.length <= LONGEST_KEPT;
}

/** Whether the bytes from `start` to `end` spell an ASCII text. */
function isAt(json: Buffer, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++)
    if (json[start + at] !== text.charCodeAt(at)) return false;
  return true;
}
