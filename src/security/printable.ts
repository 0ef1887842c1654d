const shortEscapes: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Control characters, line and paragraph separators, marks of text direction, lone surrogates, and the BOM. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Returns a text from elsewhere as part of one line: characters that a terminal obeys, or that
 * start a line, become escapes of JSON.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeOf);
}

/** Returns lines, or JSON, with the escapes of `printable`, except that line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === "\n" || character === "\t" ? character : escapeOf(character),
  );
}

function escapeOf(character: string): string {
  const hex = character.charCodeAt(0).toString(16).padStart(4, "0");
  return shortEscapes[character] ?? `\\u${hex}`;
}
