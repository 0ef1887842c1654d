import { causeOf, MOST_LINKS } from "../error-chain.ts";
import { isError, memberOf, textOf } from "../foreign-members.ts";

/** Messages that say nothing: the error's cause is told in their place. */
const emptyWords = new Set(["", "fetch failed", "Error", "undefined", "null"]);

/**
 * Returns an error's message for people, never empty: with its code, with the messages of the errors
 * that it aggregates, or that of its cause when it has none. Never throws, whatever was thrown.
 */
export function reasonOf(error: unknown): string {
  return wordsOf(error, MOST_LINKS - 1);
}

function wordsOf(error: unknown, depth: number): string {
  if (!isError(error)) return wordsOfValue(error);
  const code = textOf(error, "code");
  const own = textOf(error, "message").trim();
  const inner = errorsIn(error);
  const isTelling = !emptyWords.has(own);
  const parts =
    isTelling && inner.length === 0
      ? []
      : innerWords(inner.length > 0 ? inner : [causeOf(error)], depth);
  const words = [...(isTelling ? [own] : []), ...parts].join(": ");
  if (words === "") return code || textOf(error, "name") || "Error";
  const isCode = /^[A-Z][A-Z0-9_]+$/.test(code);
  return isCode && !words.includes(code) ? `${words} (${code})` : words;
}

function innerWords(inner: readonly unknown[], depth: number): string[] {
  if (depth === 0) return [];
  const words = inner
    .filter((one) => one !== undefined && one !== null)
    .map((one) => wordsOf(one, depth - 1));
  return words.length === 0 ? [] : [[...new Set(words)].join("; ")];
}

/** The errors that an AggregateError holds, such as one for each address of a host. */
function errorsIn(error: Error): readonly unknown[] {
  const errors = memberOf(error, "errors");
  try {
    return Array.isArray(errors) ? Array.from<unknown>(errors) : [];
  } catch {
    return [];
  }
}

function wordsOfValue(value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  const message = textOf(value, "message");
  if (message.trim() !== "") return message;
  return `something that is no error was thrown (${typeof value})`;
}
