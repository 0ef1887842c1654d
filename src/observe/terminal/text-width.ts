const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Characters that a terminal draws two columns wide: those of East Asian scripts, and emoji. */
const WIDE =
  /[[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]--[\uff61-\uffdc]]/v;
/** Marks that are drawn on the character before them, and characters that are not drawn. */
const NO_WIDTH =
  /[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Emoji_Modifier}]/v;
/** Turns the character before it into an emoji. */
const EMOJI_MARK = "\ufe0f";

/**
 * Returns how many columns a printable text takes on a terminal. The parts of a joined emoji count
 * one by one, since many terminals draw them beside each other.
 */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthIn(segment);
  return width;
}

/** Returns the longest beginning of a printable text that fits into `columns`; one that is cut ends with an ellipsis. */
export function cutToWidth(text: string, columns: number): string {
  let width = 0;
  let fits = "";
  for (const { segment } of graphemes.segment(text)) {
    width += widthIn(segment);
    if (width > columns) return columns > 0 ? `${fits}…` : "";
    // One column is left for the ellipsis.
    if (width < columns) fits += segment;
  }
  return text;
}

function widthIn(grapheme: string): number {
  let width = 0;
  for (const character of grapheme)
    width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return grapheme.includes(EMOJI_MARK) ? Math.max(2, width) : width;
}
