import { readFileSync } from "node:fs";

const guide = readFileSync(
  new URL("../../../docs/security.md", import.meta.url),
  "utf8",
);

function blocks(language: string): string[] {
  return [...guide.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
    .filter(([, name]) => name === language)
    .map(([, , text = ""]) => text);
}

/** The configurations of docs/security.md, as JSON text. */
export const examples: readonly string[] = blocks("json");

/** The arguments of each `kafka-acls.sh` in docs/security.md, block by block: to write, to check, to write exactly once, to share a folder. */
export const aclCommands: readonly (readonly (readonly string[])[])[] = blocks(
  "sh",
).map((text) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.split(" ").slice(1)),
);
