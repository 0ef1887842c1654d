export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/** The offset behind the string that starts at `at`, or at least the end of the text when it does not end. */
export function skipString(json: Uint8Array, at: number): number {
  let pos = at + 1;
  for (;;) {
    const byte = json[pos];
    if (byte === BACKSLASH) pos += 2;
    else if (byte === QUOTE) return pos + 1;
    else if (byte === undefined) return pos;
    else pos++;
  }
}
