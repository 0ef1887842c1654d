import { readFile } from "node:fs/promises";

/** Reads a file that belongs to a configuration; whoever follows its files passes another one. */
export type ReadText = (path: string) => Promise<string>;

export const readText: ReadText = (path) => readFile(path, "utf8");
