import { applyEdits, format } from "jsonc-parser";

import { printable } from "../security/printable.ts";

/** Indented, with every digit as it stands; what is no JSON, in one line. */
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
