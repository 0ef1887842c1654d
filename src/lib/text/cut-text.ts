/** Returns the longest beginning of a text that fits into `maxBytes` of UTF-8. */
export function cutText(text: string, maxBytes: number): string {
  // A UTF-16 unit takes at most three bytes of UTF-8.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes)
    return text;
  const start = Buffer.allocUnsafe(maxBytes);
  // `write` omits a character that does not fit as a whole.
  return start.toString("utf8", 0, start.write(text, "utf8"));
}
