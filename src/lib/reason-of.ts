const MOST_LINKS = 5;

/** What libraries say of an error whose cause alone tells something. */
const emptyWords = new Set(["", "fetch failed", "Error", "undefined", "null"]);

/**
 * What an error says, for people, and never nothing: the words of its cause where it has none of
 * its own, each different one where it stands for several, and its code.
 */
export function reasonOf(error: unknown): string {
  return wordsOf(error, MOST_LINKS);
}

function wordsOf(error: unknown, depth: number): string {
  if (!(error instanceof Error)) return wordsOfValue(error);
  const { code } = error as NodeJS.ErrnoException;
  const own = error.message.trim();
  const isTelling = !emptyWords.has(own);
  const parts = isTelling && !isSummary(error) ? [] : innerWords(error, depth);
  const words = [...(isTelling ? [own] : []), ...parts].join(": ");
  if (words === "") return code ?? error.name;
  const isCode = typeof code === "string" && /^[A-Z][A-Z0-9_]+$/.test(code);
  return isCode && !words.includes(code) ? `${words} (${code})` : words;
}

/** The errors that one stands for: all attempts at the addresses of a host, or all parts of a request. */
function innerWords(error: Error, depth: number): string[] {
  if (depth === 0) return [];
  const inner = isSummary(error) ? error.errors : [error.cause];
  const words = inner
    .filter((one) => one !== undefined && one !== null)
    .map((one) => wordsOf(one, depth - 1));
  return words.length === 0 ? [] : [[...new Set(words)].join("; ")];
}

function isSummary(
  error: Error,
): error is Error & { readonly errors: readonly unknown[] } {
  return (
    "errors" in error && Array.isArray(error.errors) && error.errors.length > 0
  );
}

function wordsOfValue(value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  if (typeof value === "object" && value !== null && "message" in value)
    return String(value.message);
  return `something that is no error was thrown (${typeof value})`;
}
