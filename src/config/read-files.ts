import { hash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { ConfigError } from "./problem.ts";

/** Reads a file that belongs to a configuration. */
export type ReadText = (path: string) => Promise<string>;

export const readText: ReadText = (path) => readFile(path, "utf8");

/** What was read from files, and how to tell that it would be another by now. */
export interface Snapshot<T> {
  /** The configuration, or everything that is wrong with it. */
  readonly config: T | ConfigError;
  /** Differs when a file has another content. */
  readonly print: string;
  /** The files that were read, with the size, times and number that each had just before. */
  readonly stamps: ReadonlyMap<string, string>;
}

/** Loads a configuration, and notes which files `load` reads for it. */
export async function readSnapshot<T>(
  load: (read: ReadText) => Promise<T>,
): Promise<Snapshot<T>> {
  const stamps = new Map<string, string>();
  const contents: string[] = [];
  const read = async (path: string) => {
    stamps.set(path, await stampOf(path));
    try {
      const text = await readText(path);
      contents.push(text);
      return text;
    } catch (error) {
      contents.push(String(error));
      throw error;
    }
  };
  const config = await load(read).catch((error: unknown) => {
    if (error instanceof ConfigError) return error;
    throw error;
  });
  const print = hash("sha256", JSON.stringify(contents.sort()));
  return { config, print, stamps };
}

/** False when a file of the snapshot looks different now. */
export async function isCurrent({
  stamps,
}: Snapshot<unknown>): Promise<boolean> {
  for (const [path, stamp] of stamps)
    if ((await stampOf(path)) !== stamp) return false;
  return true;
}

async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unreadable";
  }
}
