// Proves what of a value is shown to people as it is.
import { describe, expect, it } from "vitest";
import { jsonTextIn } from "../../src/format/value-text.ts";

const head = Buffer.from("0000000007", "hex");
const framed = (body: string) => Buffer.concat([head, Buffer.from(body)]);

describe("the JSON text in a value", () => {
  it("is the value", () => {
    expect(jsonTextIn(Buffer.from('{"a": 1.0}'))).toBe('{"a": 1.0}');
  });

  it("may follow the id of a schema", () => {
    expect(jsonTextIn(framed('{"a": 1.0}'))).toBe('{"a": 1.0}');
  });

  it.each(["{", "{}x", "7", "", "\u0000{}"])("is not in %j", (body) => {
    expect(jsonTextIn(framed(body))).toBeNull();
  });
});
