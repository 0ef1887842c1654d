// docs/fields.md is generated and complete, and docs/formats.md names every field that is a number or a string.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fieldDocsText, fieldsOf, file } from "../../scripts/field-docs.ts";
import { typesWithSchema } from "../../src/format/schema-files.ts";
import { readDocument } from "../support/documents/markdown.ts";

it("docs/fields.md is what npm run schema writes", async () => {
  expect(readFileSync(file, "utf8")).toBe(await fieldDocsText());
});

it("docs/fields.md has each field of each type, those of nested records too", () => {
  const text = readFileSync(file, "utf8");
  expect(typesWithSchema().length).toBeGreaterThan(30);
  for (const type of typesWithSchema()) {
    const [, section = ""] =
      new RegExp(`^## ${type}\n(.*?)(?=^## |$(?![^]))`, "ms").exec(text) ?? [];
    const shown = [...section.matchAll(/^\| `([^`]+)`/gm)].map(
      ([, path]) => path,
    );
    const { fields } = JSON.parse(readDocument(`schemas/${type}.avsc`)) as {
      fields: { name: string }[];
    };
    const names = fields.map(({ name }) => name);
    expect(shown.filter((path) => /^\w+$/.test(path ?? ""))).toEqual(
      names.filter((name) => name !== "extra"),
    );
  }
  expect(text).toMatch(/^\| `address\.line1` +\| string +\| string +\|$/m);
  expect(text).toMatch(
    /^\| `prices\[\]\.amount` +\| \*\*number or string\*\*/m,
  );
});

it("docs/formats.md names each field that is a number or a string", () => {
  const amounts = typesWithSchema().flatMap((type) => {
    const paths = fieldsOf(type)
      .filter(({ avro }) => avro.startsWith("decimal"))
      .map(({ path, json }) => {
        expect(json).toContain("number or string");
        return `\`${path}\``;
      });
    return paths.length === 0 ? [] : [`- \`${type}\`: ${paths.join(", ")}`];
  });
  const [, section = ""] =
    /^### Amounts\n(.*?)^### /ms.exec(readDocument("docs/formats.md")) ?? [];
  expect(section.match(/^- .*$/gm)).toEqual(amounts);
});
