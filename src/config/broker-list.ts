import type { Interpolated } from "./interpolate.ts";

/**
 * Takes `kafka.brokers` apart where a text from outside holds several addresses, with commas
 * between them. The file's own texts are left as they are: it can hold a list.
 */
export function withBrokersApart(filled: Interpolated): Interpolated {
  const { kafka } = (filled.value ?? {}) as { kafka?: { brokers?: unknown } };
  const brokers = kafka?.brokers;
  const texts: unknown[] = Array.isArray(brokers) ? brokers : [brokers];
  const isFilled = (index: number) =>
    filled.filledPaths.has(
      Array.isArray(brokers) ? `kafka.brokers[${index}]` : "kafka.brokers",
    );
  if (!texts.some((_, index) => isFilled(index))) return filled;
  const filledPaths = new Set(filled.filledPaths);
  const apart: unknown[] = [];
  for (const [index, text] of texts.entries()) {
    const isSeveral = isFilled(index) && typeof text === "string";
    for (const one of isSeveral ? parts(text) : [text]) {
      if (isFilled(index)) filledPaths.add(`kafka.brokers[${apart.length}]`);
      else filledPaths.delete(`kafka.brokers[${apart.length}]`);
      apart.push(one);
    }
  }
  const value = {
    ...(filled.value as object),
    kafka: { ...kafka, brokers: apart },
  };
  return { ...filled, value, filledPaths };
}

/** A comma at the end, or two in a row, add no address; an empty text is a wrong one. */
function parts(text: string): string[] {
  const all = text.split(",").map((part) => part.trim());
  const named = all.filter((part) => part !== "");
  return named.length === 0 ? [text] : named;
}
