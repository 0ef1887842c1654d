import { join } from "node:path";
import type { ClusterConfig } from "../definition/config.ts";
import { follow, looksSame, type Followed } from "./followed.ts";
import { loadClusterConfig } from "../load-config.ts";

/** The file of a folder that is no connector's. */
export const CLUSTER_FILE = "cluster.json";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How the instances of a folder share its connectors. What it said at the start counts until the
 * end: while some instances followed a change and others had not seen it yet, two of them would
 * run the same connectors.
 */
export class ClusterFile {
  /** Null when the folder has no such file, and nothing is shared. */
  readonly config: ClusterConfig | null;
  readonly #load: () => Promise<Followed<ClusterConfig | null>>;
  readonly #first: Followed<ClusterConfig | null>;
  #last: Followed<ClusterConfig | null>;

  private constructor(
    load: () => Promise<Followed<ClusterConfig | null>>,
    first: Followed<ClusterConfig | null>,
    config: ClusterConfig | null,
  ) {
    this.config = config;
    this.#load = load;
    this.#first = first;
    this.#last = first;
  }

  /** Rejects with a ConfigError when the file is wrong. */
  static async read(folder: string, env: Environment): Promise<ClusterFile> {
    const path = join(folder, CLUSTER_FILE);
    const load = () => follow((read) => loadClusterConfig(path, env, read));
    const first = await load();
    if (first.config instanceof Error) throw first.config;
    return new ClusterFile(load, first, first.config);
  }

  /** What is to be said of the file as it is now; null while it says what it did at the start. */
  async look(): Promise<string | null> {
    if (!(await looksSame(this.#last))) this.#last = await this.#load();
    const { config, print } = this.#last;
    if (print === this.#first.print) return null;
    if (config instanceof Error) return config.message;
    if (config === null)
      return "it is gone, but this instance goes on in its group";
    return this.config === null
      ? "it was not there when this instance was started, which shares with nobody"
      : "it has changed since this instance was started, which goes on by what it said then";
  }
}
