/** The bytes that JSON's grammar is made of. */
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/** Returns the offset of the first byte from `at` on that is no white space. */
export function skipSpace(json: Uint8Array, at: number): number {
  let pos = at;
  for (;;) {
    const byte = json[pos];
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) pos++;
    else return pos;
  }
}

/** Returns the offset behind the string that starts at `at`: at least the end of the text when the string does not end. */
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
