import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CLUSTER_FILE } from "./cluster-file.ts";
import type { Config } from "../definition/config.ts";
import { follow, looksSame, type Followed } from "./followed.ts";
import { loadConfig } from "../load-config.ts";
import { ConfigError } from "../problem.ts";

/** Whether a configuration is a folder of them. What can't be looked at is none: whoever reads it says what is wrong. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** A connector's file, as it was read last. */
export type FolderFile = Pick<Followed<Config>, "config" | "print">;

/**
 * The connectors' files in a folder: each `*.json` but `cluster.json` and hidden ones. Looking
 * at it again and again works on every file system, and where a volume is changed by swapping
 * links, as Kubernetes does. A file is read again only when it, or a file that it refers to,
 * looks different.
 */
export class ConfigFolder {
  readonly path: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #known: ReadonlyMap<string, Followed<Config>> = new Map();

  constructor(path: string, env: Readonly<Record<string, string | undefined>>) {
    this.path = path;
    this.#env = env;
  }

  /** The files by name, in its order. Rejects with a ConfigError when the folder can't be read. */
  async look(): Promise<ReadonlyMap<string, FolderFile>> {
    const names = await this.#names();
    const now = new Map<string, Followed<Config>>();
    for (const name of names) {
      const before = this.#known.get(name);
      const isSame = before !== undefined && (await looksSame(before));
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

  #read(name: string): Promise<Followed<Config>> {
    const path = join(this.path, name);
    return follow((read) => loadConfig(path, this.#env, read));
  }
}
