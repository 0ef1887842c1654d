import {
  QUOTE,
  COMMA,
  COLON,
  OPEN_BRACKET,
  CLOSE_BRACKET,
  OPEN_BRACE,
  CLOSE_BRACE,
  skipString,
} from "./bytes.ts";

/** Upper bounds for the content of a JSON text. */
export interface Bounds {
  readonly depth: number;
  readonly values: number;
  /** Values directly within each array or object of the second level. */
  readonly secondLevelValues: number;
}

/**
 * Returns the first bound that a JSON text exceeds, or null. Check before `JSON.parse`, which may need
 * a hundred bytes of memory for three bytes of text. The text may be invalid JSON.
 */
export function excessIn(
  json: Uint8Array,
  bounds: Bounds,
): keyof Bounds | null {
  let depth = 0;
  let values = 0;
  let secondLevelCommas = 0;
  for (let pos = 0; pos < json.length; pos++) {
    const byte = json[pos] ?? 0;
    switch (byte) {
      case QUOTE:
        pos = skipString(json, pos) - 1;
        values++;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        values++;
        if (++depth > bounds.depth) return "depth";
        if (depth === 2) secondLevelCommas = 0;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
      case COMMA:
        if (depth === 2 && ++secondLevelCommas >= bounds.secondLevelValues)
          return "secondLevelValues";
        break;
      case COLON:
        // The string before the colon is a name, not a value.
        values--;
        break;
      default:
        if (byte <= 0x20) continue;
        while (!isEnd(json[pos + 1])) pos++;
        values++;
    }
    if (values > bounds.values) return "values";
  }
  return null;
}

/** Whether a number, `true`, `false` or `null` ends before this byte. */
function isEnd(byte: number | undefined): boolean {
  return (
    byte === undefined ||
    byte <= 0x20 ||
    byte === COMMA ||
    byte === COLON ||
    byte === QUOTE ||
    byte === OPEN_BRACE ||
    byte === OPEN_BRACKET ||
    byte === CLOSE_BRACE ||
    byte === CLOSE_BRACKET
  );
}
