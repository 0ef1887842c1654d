import { applyEdits, format } from "jsonc-parser";

/** Indented, with every digit as it stands. */
export function prettyJson(text: string): string {
  const edits = format(text, undefined, { insertSpaces: true, tabSize: 2 });
  return applyEdits(text, edits);
}
