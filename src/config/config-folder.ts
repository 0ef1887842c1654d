import { hash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { loadConfig } from "./load-config.ts";
import { ConfigError } from "./problem.ts";
import { readText } from "./read-text.ts";

/** The file of the folder that is no connector's. */
export const CLUSTER_FILE = "cluster.json";

/** A connector's file, as it was read last. */
export interface FolderFile {
  /** What it says, or everything that is wrong with it. */
  readonly config: Config | ConfigError;
  /** Differs when the file, or one that it refers to, has another content. */
  readonly print: string;
}

interface Known extends FolderFile {
  /** What was read for it, and what each of them looked like just before. */
  readonly stamps: ReadonlyMap<string, string>;
}

/**
 * The connectors' files in a folder: each `*.json` but `cluster.json` and hidden ones. Looking
 * at it again and again works on every file system, and where a volume is changed by swapping
 * links, as Kubernetes does. A file is read again only when it, or a file that it refers to,
 * looks different.
 */
export class ConfigFolder {
  readonly path: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #known: ReadonlyMap<string, Known> = new Map();

  constructor(path: string, env: Readonly<Record<string, string | undefined>>) {
    this.path = path;
    this.#env = env;
  }

  /** The files by name, in its order. Rejects with a ConfigError when the folder can't be read. */
  async look(): Promise<ReadonlyMap<string, FolderFile>> {
    const names = await this.#names();
    const now = new Map<string, Known>();
    for (const name of names) {
      const before = this.#known.get(name);
      const isSame = before !== undefined && (await looksSame(before.stamps));
      now.set(name, isSame ? before : await this.#read(name));
    }
    this.#known = now;
    return now;
  }

  async #names(): Promise<string[]> {
    try {
      const names = await readdir(this.path);
      return names
        .filter(
          (name) =>
            name.endsWith(".json") &&
            !name.startsWith(".") &&
            name !== CLUSTER_FILE,
        )
        .sort();
    } catch (error) {
      const { code = "unknown error" } = error as NodeJS.ErrnoException;
      throw new ConfigError(this.path, [
        { path: "", message: `the folder can't be read (${code})` },
      ]);
    }
  }

  async #read(name: string): Promise<Known> {
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
    const config = await loadConfig(
      join(this.path, name),
      this.#env,
      read,
    ).catch((error: unknown) => {
      if (error instanceof ConfigError) return error;
      throw error;
    });
    const print = hash("sha256", JSON.stringify(contents.sort()));
    return { config, print, stamps };
  }
}

async function looksSame(
  stamps: ReadonlyMap<string, string>,
): Promise<boolean> {
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
