// A JSON text that exceeds a bound is refused before it is parsed, and the bound is named.
import { describe, expect, it } from "vitest";
import { excessIn } from "../../src/json/extent.ts";

const wide = { depth: 100, values: 1_000, secondLevelValues: 100 };

function valuesIn(json: string): number {
  for (let values = 1; ; values++)
    if (excessIn(Buffer.from(json), { ...wide, values }) === null)
      return values;
}

describe("the extent of a JSON text", () => {
  it.each([
    ["1", 1],
    ["[]", 1],
    ["[1,-2.5e3,true,null]", 5],
    ['{"a":1,"b":{"c":"d"}}', 4],
    [' [ 1 , "," , "[{\\"" , { "a,b" : [ ] } ] ', 6],
    ['"\\\\"', 1],
  ] as const)("%s: counts values, and no names", (json, values) => {
    expect(valuesIn(json)).toBe(values);
  });

  it("names the bound that is exceeded", () => {
    const excess = (json: string) => excessIn(Buffer.from(json), wide);
    expect(excess(`${"[".repeat(100)}${"]".repeat(100)}`)).toBeNull();
    expect(excess(`${"[".repeat(101)}${"]".repeat(101)}`)).toBe("depth");
    const ones = (count: number) => Array(count).fill("1").join(",");
    expect(excess(`{"items":[${ones(100)}]}`)).toBeNull();
    expect(excess(`{"items":[${ones(101)}]}`)).toBe("secondLevelValues");
    expect(excess(`{"a":[[${ones(999)}]]}`)).toBe("values");
  });

  it.each(["", "}", ']]]]"', '"', '"\\', "[{:,,", "\u0000"])(
    "ends for %j, which is no JSON",
    (json) => {
      expect(excessIn(Buffer.from(json), wide)).toBeNull();
    },
  );
});
