const shortEscapes: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Control characters, line and paragraph separators, those that turn the direction of text, lone surrogates, and the BOM. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * A text from elsewhere as part of one line: what a terminal would obey, and what would start
 * another line, is written as an escape of JSON.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeOf);
}

/** Several lines, or JSON, which stays the same JSON: all but line ends and tabs is as in `printable`. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === "\n" || character === "\t" ? character : escapeOf(character),
  );
}

function escapeOf(character: string): string {
  const hex = character.charCodeAt(0).toString(16).padStart(4, "0");
  return shortEscapes[character] ?? `\\u${hex}`;
}
