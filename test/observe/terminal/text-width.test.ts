// Text is measured and cut by the columns that it takes on a terminal.
import { describe, expect, it } from "vitest";
import {
  cutToWidth,
  widthOf,
} from "../../../src/observe/terminal/text-width.ts";

describe("the width of a text", () => {
  it.each([
    ["plain", 5],
    ["", 0],
    ["Ståhl", 5],
    // A letter and a combining mark.
    ["a\u0308b", 2],
    ["田中", 4],
    ["ハンコ", 6],
    ["ﾊﾝｺ", 3],
    ["한국", 4],
    ["Ａ１", 4],
    ["📈", 2],
    ["👍🏽", 2],
    ["❤️", 2],
    ["🇨🇭", 4],
    ["👩‍💻", 4],
    ["\u200b", 0],
  ])("of %j is %i", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it.each([
    ["plain", 5, "plain"],
    ["plain", 4, "pla…"],
    ["田中一", 6, "田中一"],
    ["田中一", 5, "田中…"],
    ["田中一", 4, "田…"],
    ["a📈b", 3, "a…"],
    ["a📈b", 4, "a📈b"],
    ["👩‍💻x", 4, "…"],
    ["plain", 1, "…"],
    ["plain", 0, ""],
    ["", 0, ""],
  ])("cuts %j to %i columns as %j", (text, columns, cut) => {
    expect(cutToWidth(text, columns)).toBe(cut);
    expect(widthOf(cut)).toBeLessThanOrEqual(columns);
  });
});
