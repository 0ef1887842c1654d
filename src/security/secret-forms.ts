/** Patterns of a secret in base64, also as a part of a longer text that was encoded as a whole, and in hexadecimal digits. */
export function encodedForms(secret: string): RegExp[] {
  const bytes = Buffer.from(secret);
  const texts = [bytes.toString("base64")];
  if (bytes.length >= 4) texts.push(bytes.toString("hex"));
  // Preceding bytes shift the digits; the first and last digit also hold bits of neighbouring bytes.
  for (const shift of [0, 1, 2]) {
    const digits = Buffer.concat([Buffer.alloc(shift), bytes]).toString(
      "base64",
    );
    const from = shift === 0 ? 0 : shift + 1;
    const to = Math.floor(((shift + bytes.length) * 8) / 6);
    if (to - from >= 8) texts.push(digits.slice(from, to));
  }
  return texts.map((text) => {
    const pattern = Array.from(text).map(
      (digit) => base64Digit[digit] ?? digit,
    );
    const flags = /^[0-9a-f]+$/.test(text) ? "gi" : "g";
    return new RegExp(pattern.join(""), flags);
  });
}

/** Patterns of the digits that base64url writes differently, or that are percent-encoded. */
const base64Digit: Readonly<Record<string, string>> = {
  "+": "(?:[+-]|%2[bB])",
  "/": "(?:[/_]|%2[fF])",
  "=": "(?:=|%3[dD])?",
};

/** A shorter secret may be an ordinary word, so it is only found in its own letter case. */
const SHORTEST_IN_ANY_CASE = 6;

/** A pattern of a secret, with each character as it is, in the other letter case, or escaped in any way. */
export function escapedForm(secret: string): RegExp {
  const pattern = Array.from(secret).map(
    (character) => `(?:${waysOf(character).join("|")})`,
  );
  const flags = secret.length >= SHORTEST_IN_ANY_CASE ? "giu" : "gu";
  return new RegExp(pattern.join(""), flags);
}

/** Regular expressions for the ways to write a character, the longest first. */
function waysOf(character: string): string[] {
  const code = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, at) =>
    character.charCodeAt(at),
  );
  const json = units
    .map((unit) => `\\\\{1,8}u${anyCase(hexOf(unit, 4))}`)
    .join("");
  const percent = [...Buffer.from(character)]
    .map((byte) => `%(?:25)*${anyCase(hexOf(byte, 2))}`)
    .join("");
  const ways = [
    json,
    percent,
    `&(?:amp;)?#0*${code};`,
    `&(?:amp;)?#[xX]0*${anyCase(code.toString(16))};`,
    ...(entities[character] ?? []).map((name) => `&(?:amp;)?${name};`),
    ...(code < 256 ? [`\\\\{1,8}x${anyCase(hexOf(code, 2))}`] : []),
    ...(letters[character] ?? []).map((letter) => `\\\\{1,8}${letter}`),
    // One more backslash for each level of quoting.
    ...(/["'/\\`]/.test(character) ? [`\\\\{1,8}${literal(character)}`] : []),
    ...(character === " " ? ["\\+"] : []),
    literal(character),
  ];
  return ways;
}

const entities: Readonly<Record<string, readonly string[]>> = {
  "&": ["amp"],
  "<": ["lt"],
  ">": ["gt"],
  '"': ["quot"],
  "'": ["apos"],
};

const letters: Readonly<Record<string, readonly string[]>> = {
  "\n": ["n"],
  "\r": ["r"],
  "\t": ["t"],
  "\b": ["b"],
  "\f": ["f"],
};

export function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function anyCase(hex: string): string {
  return hex.replaceAll(
    /[a-f]/g,
    (digit) => `[${digit}${digit.toUpperCase()}]`,
  );
}
