import { applyEdits, format } from "jsonc-parser";

import { printable } from "../../security/printable.ts";

/** Indents JSON and changes no digit of it; returns a text that is not JSON in one line. */
export function prettyJson(text: string): string {
  if (!isJson(text)) return printable(text);
  const edits = format(text, undefined, { insertSpaces: true, tabSize: 2 });
  return applyEdits(text, edits);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
