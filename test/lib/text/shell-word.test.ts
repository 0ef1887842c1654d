// A shell reads the word as the text that it stands for.
import { expect, it } from "vitest";
import { shellWord } from "../../../src/lib/text/shell-word.ts";

it("quotes a word for a shell", () => {
  expect(shellWord("it's")).toBe("'it'\\''s'");
  expect(shellWord("c.json")).toBe("c.json");
});
