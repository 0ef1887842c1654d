// A secret is removed from a text, however the other program encodes, escapes or cuts it.
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  excerptOf,
  redacting,
  withoutSecrets,
} from "../../src/security/without-secrets.ts";

const secret = fc.string({ minLength: 6, maxLength: 40, unit: "binary" });

it.each<[string, (text: string) => string]>([
  ["as it is", (text) => text],
  ["in base64", (text) => Buffer.from(text).toString("base64")],
  ["in base64url", (text) => Buffer.from(text).toString("base64url")],
  ["percent-encoded", encodeURIComponent],
  ["within JSON", (text) => JSON.stringify({ text })],
])("a secret that is echoed %s is not shown", (_, echo) => {
  fc.assert(
    fc.property(secret, secret, (one, other) => {
      fc.pre(one.isWellFormed() && other.isWellFormed());
      const shown = withoutSecrets(`no: ${echo(one)}!`, [other, one]);
      expect(shown).not.toContain(one);
      expect(shown).not.toContain(JSON.stringify(one).slice(1, -1));
      expect(shown).toContain("[redacted]");
    }),
  );
});

it("a text without secrets stays as it is", () => {
  const text = "nothing to see";
  expect(withoutSecrets(text, [undefined, "", "secret"])).toBe(text);
});

const unicodeEscaped = (text: string) =>
  Array.from(text)
    .map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
const TOKEN = 'aB3+/=&"<kQ9.zX7_-tU1vW5sR2pN8mL4jH6gF0dC';

it.each<[string, string]>([
  ["as escapes of JSON", unicodeEscaped(TOKEN)],
  [
    "as capital escapes",
    unicodeEscaped(TOKEN).replaceAll(/[a-f]/g, (c) => c.toUpperCase()),
  ],
  ["as escapes within JSON", unicodeEscaped(TOKEN).replaceAll("\\", "\\\\\\")],
  ["with one escape", TOKEN.replace("k", "\\u006B")],
  ["within JSON within JSON", JSON.stringify(JSON.stringify(TOKEN))],
  ["percent-encoded twice", encodeURIComponent(encodeURIComponent(TOKEN))],
  [
    "percent-encoded in small letters",
    encodeURIComponent(TOKEN).replaceAll(/%../g, (c) => c.toLowerCase()),
  ],
  ["as a form", new URLSearchParams({ a: TOKEN }).toString()],
  ["in HTML", TOKEN.replaceAll("&", "&amp;").replaceAll('"', "&quot;")],
  ["in numbers of HTML", TOKEN.replaceAll("<", "&#60;").replace("k", "&#x6B;")],
  ["in base64, one byte in", Buffer.from(`:${TOKEN}`).toString("base64")],
  ["in base64, two bytes in", Buffer.from(`::${TOKEN}!`).toString("base64url")],
  ["in hexadecimal digits", Buffer.from(TOKEN).toString("hex").toUpperCase()],
])("a secret that is echoed %s is not shown", (_, echo) => {
  const shown = withoutSecrets(`no: ${echo} is wrong`, [TOKEN]);
  expect(shown).toContain("[redacted]");
  expect(shown).toMatch(/^no: .{0,16}\[redacted\].{0,6} is wrong$/);
});

it.each([12, 29, 40])(
  "a secret that the server has cut after %i characters is not shown",
  (length) => {
    const part = TOKEN.slice(0, length);
    for (const end of ["", "...", "… is wrong"])
      expect(withoutSecrets(`no: ${part}${end}`, [TOKEN])).toBe(
        `no: [redacted]${end}`,
      );
  },
);

it.each<[string, string]>([
  ["its start", TOKEN.slice(0, 25)],
  ["its end", TOKEN.slice(-25)],
  ["its shortest end", TOKEN.slice(-16)],
  ["a part within", TOKEN.slice(10, 30)],
  ["its start in capitals", TOKEN.slice(0, 25).toUpperCase()],
  ["its end in small letters", TOKEN.slice(-25).toLowerCase()],
  ["a part in other letters", TOKEN.slice(10, 30).toUpperCase()],
  ["all of it in capitals", TOKEN.toUpperCase()],
  ["all of it in small letters", TOKEN.toLowerCase()],
])("%s is not shown, however often it is echoed", (_, echo) => {
  const text = `no ${echo}, ${echo} and (${echo})`;
  expect(withoutSecrets(text, [TOKEN])).toBe(
    "no [redacted], [redacted] and ([redacted])",
  );
});

it("cut echoes of a short part are not shown, however many there are", () => {
  const [start, end] = [TOKEN.slice(0, 12), TOKEN.slice(-12)];
  const text = `no ${start}..., ${start.toUpperCase()}… or ...${end}, …${end}`;
  expect(withoutSecrets(text, [TOKEN])).toBe(
    "no [redacted]..., [redacted]… or ...[redacted], …[redacted]",
  );
});

it("words that are like a short secret stay", () => {
  const text = "Kafka at kafka-one: connection refused";
  expect(withoutSecrets(text, ["kafka-password", "refus"])).toContain(
    "Kafka at",
  );
});

it("a secret at the place of a cut leaves no part of it", () => {
  for (let before = 150; before <= 200; before++) {
    const text = `${"x".repeat(before)}${unicodeEscaped(TOKEN)} is wrong`;
    expect(excerptOf(text, [TOKEN], 200)).not.toContain("\\u0");
  }
});

it("the texts within a value are searched one by one", () => {
  const text = JSON.stringify({ list: [`no ${TOKEN}`], count: 1 });
  expect(JSON.parse(text, redacting([TOKEN]))).toEqual({
    list: ["no [redacted]"],
    count: 1,
  });
});

it("a long text takes no long time", () => {
  for (const part of ["\\", "%25", "&#0", "a", TOKEN.slice(0, 15)])
    excerptOf(part.repeat(100_000), [TOKEN, "\\".repeat(20)]);
});
