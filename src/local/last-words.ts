import { printable } from "../security/printable.ts";

const LONGEST = 300;

/** Returns the line of a server's log that says why the server ended: the first error, else the last line. */
export function lastWords(log: string): string {
  const lines = log
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const error = lines.find((line) =>
    /\b(ERROR|FATAL)\b|Error:|Exception:/.test(line),
  );
  return oneLine(error ?? lines.at(-1) ?? "it said nothing");
}

/** Returns a text of another program as a short part of one line. */
export function oneLine(text: string): string {
  const line = printable(text.replaceAll(/\s+/g, " ").trim());
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
