import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CLUSTER_FILE } from "./cluster-file.ts";
import type { Config } from "../definition/config.ts";
import { loadConfig } from "../load-config.ts";
import { ConfigError } from "../problem.ts";
import { isCurrent, readSnapshot, type Snapshot } from "../read-files.ts";

/** Whether a path is a folder. False also for a path that can't be read: reading it as a file tells why. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** A connector's file as it was last read. */
export type FolderFile = Pick<Snapshot<Config>, "config" | "print">;

/**
 * The connectors' files in a folder: each `*.json` but `cluster.json` and hidden ones. The folder is
 * polled, which works on every file system, also where Kubernetes changes a volume by swapping links.
 */
export class ConfigFolder {
  readonly path: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #known: ReadonlyMap<string, Snapshot<Config>> = new Map();

  constructor(path: string, env: Readonly<Record<string, string | undefined>>) {
    this.path = path;
    this.#env = env;
  }

  /**
   * The files in the order of their names. A file is read again only when it, or a file that it refers
   * to, has changed. Rejects with a ConfigError when the folder can't be read.
   */
  async look(): Promise<ReadonlyMap<string, FolderFile>> {
    const names = await this.#names();
    const now = new Map<string, Snapshot<Config>>();
    for (const name of names) {
      const before = this.#known.get(name);
      const isSame = before !== undefined && (await isCurrent(before));
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

  #read(name: string): Promise<Snapshot<Config>> {
    const path = join(this.path, name);
    return readSnapshot((read) => loadConfig(path, this.#env, read));
  }
}
