import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { applied } from "./applied.ts";
import { mutants } from "./mutants.ts";

it.each(mutants)(
  "there is a place in the source for a connector that $bug",
  ({ file, changes }) => {
    const source = readFileSync(file, "utf8");
    expect(applied(source, changes, file)).not.toBe(source);
  },
);
