import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { sellKafka } from "../support/command.ts";
import {
  blocksOf,
  documents,
  placeOf,
  readDocument,
} from "../support/markdown.ts";

describe.each(documents())("%s", (document) => {
  it("links to what is there", () => {
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

  it("shows files as they are", () => {
    for (const { origin, text } of blocksOf(document))
      if (origin?.kind === "file") expect(text).toBe(readDocument(origin.name));
  });

  it("is read by what tries its examples", () => {
    for (const { origin } of blocksOf(document))
      if (origin?.kind === "tested")
        expect(readDocument(origin.name)).toContain(document);
  });

  it("shows commands that there are", async () => {
    const shown = blocksOf(document)
      .filter(({ language }) => language === "console")
      .flatMap(({ text }) => [...text.matchAll(/^\$ sell-kafka ([a-z -]+)/gm)])
      .map(([, words = ""]) => words.replace(/ --.*/, "").trim().split(" "));
    for (const command of shown)
      expect(await sellKafka([...command, "--help"])).toMatchObject({
        exitCode: 0,
      });
  });

  it("has no code that was neither taken from a file nor from a run", () => {
    const checkedElsewhere = ["sh", "mermaid", "console"];
    const others = blocksOf(document).filter(
      ({ origin, language }) =>
        origin === null && !checkedElsewhere.includes(language),
    );
    expect(others.map(({ text }) => text)).toEqual([]);
  });
});

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): string[] {
  const headings = readDocument(document).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/ /g, "-"),
  );
}
