// Texts from elsewhere can neither control a terminal nor start a line.
import fc from "fast-check";
import { expect, it } from "vitest";
import { printable, printableLines } from "../../src/security/printable.ts";

const hostile = [
  ["a line end", "fine\nok      Kafka: was reached"],
  ["a carriage return", "fine\rok      Kafka"],
  ["an escape sequence", "\u001b[2K\u001b[1Gok"],
  ["an escape sequence of 8 bits", "\u009b2Kok"],
  ["a backspace", "bad\b\b\bok"],
  ["a bell, NUL and delete", "\u0007\0\u007f"],
  ["a line separator", "fine\u2028ok\u2029ok"],
  ["text that runs backwards", "\u202eko\u202c \u2066ok\u2069\u200f\u061c"],
  ["a BOM", "\ufeffok"],
  ["half a character", "\ud83d ok"],
] as const;

const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

it.each(hostile)("%s is written as an escape", (_, text) => {
  expect(printable(text)).not.toMatch(UNPRINTABLE);
  expect(printable(text)).toContain("\\");
});

it("whatever is printable stays as it is", () => {
  const text = 'Zoë "Müller" \\ 東京 👩‍👩‍👧 עברית';
  expect(printable(text)).toBe(text);
});

it("JSON stays the same JSON", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), (json) => {
      const shown = printableLines(`${json}\n`);
      expect(JSON.parse(shown)).toEqual(JSON.parse(json));
      expect(shown.replaceAll(/[\n\t]/g, "")).not.toMatch(UNPRINTABLE);
    }),
  );
});
