// Canonical JSON is equal exactly for equal values, whatever their order, white space and depth.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/json/canonical.ts";

const canonical = (text: string) => canonicalJson(Buffer.from(text));

describe("canonical JSON", () => {
  it("is the same for any order of members, white space and escapes", () => {
    const one = canonical('{"b":[1, {"y":null,"x":"\\u00e9\\/"}],\n"a":true}');
    const other = canonical('{ "a" : true, "b":[1,{"x":"é/","y":null}] }');
    expect(one).toBe(other);
  });

  it("differs for other digits, order of elements, and text", () => {
    const texts = ["1", "1.0", "1e0", '"1"', "[1,2]", "[2,1]", '"é"', '"e"'];
    expect(new Set(texts.map(canonical)).size).toBe(texts.length);
  });

  it("keeps digits beyond what a double holds", () => {
    const digits = "123456789012345678901234567890";
    expect(canonical(`{"n":${digits}}`)).toContain(digits);
  });

  it("tells values apart as deeply as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [textA, textB] = [JSON.stringify(a), JSON.stringify(b, null, 1)];
        const same = canonical(textA) === canonical(textB);
        const shuffled = canonical(JSON.stringify(reversed(a)));
        expect(shuffled).toBe(canonical(textA));
        if (same) expect(JSON.parse(textB)).toEqual(JSON.parse(textA));
      }),
    );
  });

  it("does not give up on deep values", () => {
    const deep = `${"[".repeat(50_000)}1${"]".repeat(50_000)}`;
    expect(canonical(deep)).toBe(canonical(` ${deep} `));
  });
});

/** With the members of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    reversed(one),
  ]);
  return Object.fromEntries(entries.reverse()) as unknown;
}
