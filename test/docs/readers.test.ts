// The tables of readers and recipes: what was run is run by a test that names the tool, what was not says so.
import { describe, expect, it } from "vitest";
import { layoutNames } from "../../src/format/names.ts";
import { valueFormats } from "../../src/format/value-formats.ts";
import {
  apicurioConverter,
  apicurioSerdes,
  pythonDeserializers,
} from "../readers/readers.ts";
import { readDocument } from "../support/documents/markdown.ts";

type Table = readonly (readonly string[])[];

/** The cells of a document's table whose head begins with a word; its head is the first row. */
function tableIn(text: string, word: string): Table {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${word} `));
  const length = lines.slice(start).findIndex((line) => !line.startsWith("|"));
  return lines
    .slice(start, start + length)
    .filter((line) => !line.startsWith("| -"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const formats = readDocument("docs/formats.md");
const section = formats.slice(formats.indexOf("\n## Readers\n"));
const [head = [], ...rows] = tableIn(section, "reader");
const named = (cell: string | undefined) =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);

describe("the table of readers", () => {
  it("has a column for each value format and layout", () => {
    const expected = Object.entries(valueFormats).flatMap(
      ([name, { title }]) =>
        name === "json"
          ? [title]
          : layoutNames.map((layout) => `${title} ${layout}`),
    );
    expect(head).toEqual(["reader", ...expected, "run by"]);
  });

  it.each(rows.map((row) => [row[0] ?? "", row] as const))(
    "has for %s each envelope at most once, and names a test where it was run",
    (_, row) => {
      const cells = row.slice(1, -1);
      for (const cell of cells)
        expect(cell.replaceAll("*", "")).toMatch(
          /^(?:–|c|(?:c )?f|(?:c )?f e)(?: \[\d\])?$/,
        );
      const wasRun = cells.some((cell) => cell.includes("**"));
      if (wasRun) expect(named(row.at(-1))).not.toEqual([]);
      else expect(row.at(-1)).toBe("not run");
    },
  );

  it("explains each number once", () => {
    const used = [...section.matchAll(/\[(\d)\]/g)].map(([, one]) => one);
    const told = [...section.matchAll(/^(\d)\. /gm)].map(([, one]) => one);
    expect([...new Set(used)].sort()).toEqual(told);
  });

  it.each([pythonDeserializers(""), apicurioSerdes, apicurioConverter])(
    "says of $name that it reads what npm run readers gives it",
    (reader) => {
      const row = rows.find(([name]) => name?.includes(reader.name)) ?? [];
      const whole = head.filter((_, at) => row[at]?.startsWith("**c f e**"));
      const own = head.filter((title) =>
        reader.formats.some((name) =>
          layoutNames.some(
            (layout) => title === `${valueFormats[name].title} ${layout}`,
          ),
        ),
      );
      expect(whole).toEqual(own);
      expect(named(row.at(-1))).toContain("test/readers/main.ts");
    },
  );
});

describe("the table of recipes", () => {
  const [, ...recipes] = tableIn(readDocument("docs/recipes.md"), "recipe");

  it.each(recipes.map((row) => [row[0] ?? "", row.at(-1) ?? ""] as const))(
    "names for %s a test that has it, or says that it was not run",
    (link, by) => {
      if (by === "not run") return;
      const [, tool = ""] = /\[([\w ]+)\]/.exec(link) ?? [];
      const [first = ""] = tool.split(" and ");
      expect(named(by)).toHaveLength(1);
      expect(readDocument(named(by)[0] ?? "")).toContain(first);
    },
  );
});
