// The pages show what servers say as text, never as HTML.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const page = new URL("../../../src/observe/page/", import.meta.url);

it("shows what servers say as text, never as HTML", () => {
  const scripts = readdirSync(page).filter((file) => file.endsWith(".js"));
  expect(scripts.length).toBeGreaterThan(3);
  for (const file of scripts)
    expect(readFileSync(new URL(file, page), "utf8")).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc|\beval\b|new Function|javascript:/,
    );
});
