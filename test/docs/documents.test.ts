// Every link, file, command and example in a document exists, and the README stays short.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { sellKafka } from "../support/process/command.ts";
import {
  anchorsOf,
  blocksOf,
  documents,
  placeOf,
  readDocument,
} from "../support/documents/markdown.ts";

describe.each(documents())("%s", (document) => {
  it("links only to files and headings that exist", () => {
    const links = [...readDocument(document).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^(https?:|#)/.test(target));
    const missing = links.filter((target) => {
      const [path = "", anchor] = target.split("#");
      const linked = path === "" ? document : join(dirname(document), path);
      return (
        !existsSync(placeOf(linked)) ||
        (anchor !== undefined && !anchorsOf(linked).includes(anchor))
      );
    });
    expect(missing).toEqual([]);
  });

  it("names only source files that exist", () => {
    // The changelog speaks of earlier versions too.
    if (document === "CHANGELOG.md") return;
    const named = [
      ...readDocument(document).matchAll(/`((?:src|test|scripts)\/[\w./-]+)`/g),
    ].map(([, path = ""]) => path);
    expect(named.filter((path) => !existsSync(placeOf(path)))).toEqual([]);
  });

  it("shows files as they are", () => {
    for (const { origin, text } of blocksOf(document))
      if (origin?.kind === "file") expect(text).toBe(readDocument(origin.name));
  });

  it("names a test for its examples, and that test reads the document", () => {
    for (const { origin } of blocksOf(document))
      if (origin?.kind === "tested")
        expect(readDocument(origin.name)).toContain(document);
  });

  it("shows only commands that exist", async () => {
    const shown = blocksOf(document)
      .filter(({ language }) => language === "console")
      .flatMap(({ text }) => [...text.matchAll(/^\$ sell-kafka ([a-z -]+)/gm)])
      .map(([, words = ""]) => words.replace(/ --.*/, "").trim().split(" "));
    for (const command of shown)
      expect(await sellKafka([...command, "--help"])).toMatchObject({
        exitCode: 0,
      });
  });

  it("takes every code block from a file, a run or a test", () => {
    const checkedElsewhere = ["sh", "mermaid", "console"];
    const others = blocksOf(document).filter(
      ({ origin, language }) =>
        origin === null && !checkedElsewhere.includes(language),
    );
    expect(others.map(({ text }) => text)).toEqual([]);
  });
});

describe("README.md", () => {
  const text = readDocument("README.md");

  it("has at most 150 lines", () => {
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it("shows no npx, which would install a stranger's package outside the clone", () => {
    expect(text).not.toMatch(/npx sell-kafka/);
  });
});

describe("CONTRIBUTING.md", () => {
  it("names every npm script", () => {
    const { scripts } = JSON.parse(readDocument("package.json")) as {
      scripts: Record<string, string>;
    };
    const text = readDocument("CONTRIBUTING.md");
    const missing = Object.keys(scripts)
      .filter((name) => !name.startsWith("pre"))
      .filter(
        (name) =>
          !text.includes(`\`npm ${name === "test" ? "" : "run "}${name}`),
      );
    expect(missing).toEqual([]);
  });
});
