import fc from "fast-check";
import { expect, it } from "vitest";
import { withoutSecrets } from "../../src/security/without-secrets.ts";

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
