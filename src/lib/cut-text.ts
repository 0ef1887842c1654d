/** The beginning of a text that takes at most so many bytes of UTF-8; the text itself when it fits. */
export function cutText(text: string, maxBytes: number): string {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes)
    return text;
  const start = Buffer.allocUnsafe(maxBytes);
  // `write` leaves out a character of which not every byte has room.
  return start.toString("utf8", 0, start.write(text, "utf8"));
}
