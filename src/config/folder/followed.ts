import { hash } from "node:crypto";
import { stat } from "node:fs/promises";
import { ConfigError } from "../problem.ts";
import { readText, type ReadText } from "../read-text.ts";

/** A configuration as it was read last, with what shows whether it would be read otherwise by now. */
export interface Followed<T> {
  /** What it says, or everything that is wrong with it. */
  readonly config: T | ConfigError;
  /** Differs when a file that was read for it has another content. */
  readonly print: string;
  /** The files that were read for it, and what each of them looked like just before. */
  readonly stamps: ReadonlyMap<string, string>;
}

/** Notes what `load` reads. */
export async function follow<T>(
  load: (read: ReadText) => Promise<T>,
): Promise<Followed<T>> {
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

/** False when one of the files looks different now. */
export async function looksSame({
  stamps,
}: Followed<unknown>): Promise<boolean> {
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
