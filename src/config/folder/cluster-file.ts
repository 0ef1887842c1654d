import { join } from "node:path";
import type { ClusterConfig } from "../definition/cluster.ts";
import { loadClusterConfig } from "../load-config.ts";
import { isCurrent, readSnapshot, type Snapshot } from "../read-files.ts";

/** The one JSON file of a folder that describes no connector. */
export const CLUSTER_FILE = "cluster.json";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How instances share the connectors of a folder. An instance keeps what the file said when it
 * started: if some instances followed a change before others saw it, two would run one connector.
 */
export class ClusterFile {
  /** Null when the folder has no such file, so that this instance runs all connectors. */
  readonly config: ClusterConfig | null;
  readonly #load: () => Promise<Snapshot<ClusterConfig | null>>;
  readonly #first: Snapshot<ClusterConfig | null>;
  #last: Snapshot<ClusterConfig | null>;

  private constructor(
    load: () => Promise<Snapshot<ClusterConfig | null>>,
    first: Snapshot<ClusterConfig | null>,
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
    const load = () =>
      readSnapshot((read) => loadClusterConfig(path, env, read));
    const first = await load();
    if (first.config instanceof Error) throw first.config;
    return new ClusterFile(load, first, first.config);
  }

  /** What to tell the operator about the file as it is now; null while it says the same as at the start. */
  async look(): Promise<string | null> {
    if (!(await isCurrent(this.#last))) this.#last = await this.#load();
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
