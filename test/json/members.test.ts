// The JSON scanner finds what JSON.parse finds, and gives it as it is written.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elements, members, visitMembers } from "../../src/json/members.ts";

const spaces = fc.constantFrom(undefined, 1, "\t", "\r\n ");

describe("the JSON scanner", () => {
  it("finds the members that JSON.parse sees", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()),
        spaces,
        (object, space) => {
          const text = Buffer.from(JSON.stringify(object, null, space));
          const found = [...members(text)].map(
            ([name, { start, end }]) =>
              [name, JSON.parse(text.toString("utf8", start, end))] as const,
          );
          const parsed = JSON.parse(text.toString("utf8")) as object;
          expect(new Map(found)).toEqual(new Map(Object.entries(parsed)));
        },
      ),
    );
  });

  it("finds the elements that JSON.parse sees", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), spaces, (array, space) => {
        const text = Buffer.from(JSON.stringify(array, null, space));
        const found = elements(text).map(
          ({ start, end }) =>
            JSON.parse(text.toString("utf8", start, end)) as unknown,
        );
        expect(found).toEqual(JSON.parse(text.toString("utf8")));
      }),
    );
  });

  it("gives values as they are written", () => {
    const text = Buffer.from(
      ' {"a" : 1.0,"b":12345678901234567890 ,"\\u0063": "\\"]}", "a":[ ] }',
    );
    const values = [...members(text)].map(([name, { start, end }]) => [
      name,
      text.toString("utf8", start, end),
    ]);
    expect(values).toEqual([
      ["a", "[ ]"],
      ["b", "12345678901234567890"],
      ["c", '"\\"]}"'],
    ]);
  });

  it("finds nothing in what is no object or array", () => {
    expect(members(Buffer.from("[1]")).size).toBe(0);
    expect(elements(Buffer.from('{"a":1}'))).toEqual([]);
  });
});

it("names are found whatever was found in the objects before", () => {
  const short = fc.string({
    unit: fc.constantFrom('"', "a", ":", "é"),
    maxLength: 3,
  });
  const objects = fc.array(fc.dictionary(short, short), { maxLength: 6 });
  fc.assert(
    fc.property(objects, spaces, (all, space) => {
      const usual: string[] = [];
      for (const object of all) {
        const text = Buffer.from(JSON.stringify(object, null, space));
        const found = new Map<string, unknown>();
        visitMembers(
          text,
          0,
          (name, start, end) =>
            found.set(name, JSON.parse(text.toString("utf8", start, end))),
          usual,
        );
        expect(found).toEqual(new Map(Object.entries(object)));
      }
    }),
  );
});

it.each([
  '{"a": 1, "b" :{"c":[1,{"d":2}]}, "\\u0061b":"}\\"", "":null , "ö":-1e3}',
  "{}",
  "[1]",
  '"text"',
])("the names of %s are found without its values", (text) => {
  const names = new Set<string>();
  visitMembers(Buffer.from(` ${text} `), 0, (name) => names.add(name));
  const json = JSON.parse(text) as unknown;
  const isObject = typeof json === "object" && !Array.isArray(json);
  expect([...names]).toEqual(isObject ? Object.keys(json as object) : []);
});
