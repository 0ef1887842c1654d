import type { Logger } from "pino";
import {
  CLUSTER_FILE,
  type ClusterFile,
} from "../config/folder/cluster-file.ts";
import type {
  ConfigFolder,
  FolderFile,
} from "../config/folder/config-folder.ts";
import type { Config } from "../config/definition/config.ts";
import type {
  ConnectorPlacement,
  ProcessTrouble,
  SupervisorState,
} from "../domain/supervision.ts";
import type { Clock } from "../lib/clock.ts";
import type { Assignment } from "./connector-runner.ts";
import type { Supervisor } from "./supervisor.ts";
import type { Assignments } from "../cluster/assignments.ts";
import {
  nextAcceptedConfigs,
  type AcceptedConfigs,
} from "./accepted-configs.ts";
import { refusedFiles } from "./refused-files.ts";

export interface ReconcilerOptions {
  readonly folder: ConfigFolder;
  readonly cluster: Pick<ClusterFile, "look">;
  readonly supervisor: Supervisor;
  readonly assignments: Assignments;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after each look at the folder with the configurations whose addresses are served, in the order of the files. */
  readonly looked: (served: readonly Config[]) => Promise<void>;
}

const LOOK_EVERY_MS = 2_000;

/** Keeps the connectors that run as the folder's files say, as far as this instance has leases for them. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  #acceptedConfigs: AcceptedConfigs = new Map();
  #served: readonly Config[] = [];
  #nextLookMs = 0;
  #folderProblem: string | null = null;
  #clusterProblem: string | null = null;
  #isStopping = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** The number of connectors in the folder, wherever they run. */
  get connectors(): number {
    return this.#accepted().length;
  }

  /** Looks at the folder at an interval until `stopping`, then stops every connector gracefully. */
  async run(stopping: AbortSignal): Promise<void> {
    const { clock, supervisor } = this.#options;
    while (!stopping.aborted) {
      await this.#readFolder();
      await this.#checkClusterFile();
      this.#nextLookMs = clock.monotonicMs() + LOOK_EVERY_MS;
      await clock.sleep(LOOK_EVERY_MS, stopping).catch(() => undefined);
    }
    this.#isStopping = true;
    await supervisor.stop();
  }

  /** Starts and stops connectors as is wanted now. Call it when the assignments have changed. */
  reconcile(): void {
    if (this.#isStopping) return;
    const { supervisor, assignments } = this.#options;
    const wanted = new Map<string, Assignment>();
    for (const { accepted } of this.#acceptedConfigs.values()) {
      if (accepted === null) continue;
      const { name } = accepted.config;
      const lease = assignments.leaseOf(name);
      if (lease !== null) wanted.set(name, { ...accepted, lease });
    }
    supervisor.want(wanted);
  }

  state(): SupervisorState {
    const { assignments, clock } = this.#options;
    return {
      group: assignments.group,
      instances: assignments.instances(),
      connectors: [...this.#acceptedConfigs].flatMap(([file, { accepted }]) =>
        accepted === null ? [] : [this.#placement(file, accepted.config)],
      ),
      refused: refusedFiles(this.#acceptedConfigs),
      troubles: [...this.#troubles()],
      nextLookInMs: Math.max(0, this.#nextLookMs - clock.monotonicMs()),
    };
  }

  *#troubles(): Generator<ProcessTrouble> {
    const { assignments } = this.#options;
    if (this.#folderProblem !== null)
      yield {
        code: "folder",
        subject: null,
        reason: this.#folderProblem,
        remedy: "What runs goes on; the folder is looked at again by itself.",
      };
    if (this.#clusterProblem !== null)
      yield {
        code: "cluster-file",
        subject: CLUSTER_FILE,
        reason: this.#clusterProblem,
        remedy:
          "Stop all instances, then start them again; or put the file back as it was.",
      };
    const ofAssignments = assignments.trouble();
    if (ofAssignments !== null) yield ofAssignments;
  }

  #placement(file: string, config: Config): ConnectorPlacement {
    const { supervisor, assignments } = this.#options;
    const { name } = config;
    const sell = config.sell.baseUrl;
    const runner = supervisor.runner(name);
    const runsOn = assignments.runsOn(name);
    const failure = runner?.failure ?? null;
    if (runner !== null && runner.state !== "waiting")
      return { name, file, sell, state: runner.state, runsOn, failure };
    const isElsewhere = runsOn !== null && assignments.leaseOf(name) === null;
    const state = isElsewhere ? "elsewhere" : "waiting";
    return { name, file, sell, state, runsOn, failure };
  }

  /** The configurations of all connectors, wherever they run. */
  #accepted(): Config[] {
    return [...this.#acceptedConfigs.values()].flatMap(
      ({ accepted }) => accepted?.config ?? [],
    );
  }

  async #readFolder(): Promise<void> {
    const { folder, assignments, looked } = this.#options;
    try {
      const files = await folder.look();
      this.#folderProblem = null;
      const before = this.#acceptedConfigs;
      this.#acceptedConfigs = nextAcceptedConfigs(before, files);
      this.#served = this.#configsToServe(files);
      this.#logChanges(before);
      assignments.sees(this.#accepted().map(({ name }) => name));
    } catch (error) {
      const { message } = error as Error;
      if (this.#folderProblem !== message)
        this.#options.logger.error({ reason: message }, "folder can't be read");
      this.#folderProblem = message;
    }
    this.reconcile();
    await looked(this.#served);
  }

  /**
   * While every file is refused, the page must stay to say so: at the addresses of files that
   * conflict, or else at the last ones.
   */
  #configsToServe(files: ReadonlyMap<string, FolderFile>): readonly Config[] {
    const accepted = this.#accepted();
    if (accepted.length > 0 || files.size === 0) return accepted;
    const valid = [...files.values()].flatMap(({ config }) =>
      config instanceof Error ? [] : config,
    );
    return valid.length > 0 ? valid : this.#served;
  }

  async #checkClusterFile(): Promise<void> {
    const { cluster, logger } = this.#options;
    const before = this.#clusterProblem;
    this.#clusterProblem = await cluster.look();
    const reason = this.#clusterProblem;
    if (reason !== null && reason !== before)
      logger.error(
        { file: CLUSTER_FILE, reason },
        "file counts only once all instances are started anew",
      );
  }

  #logChanges(before: AcceptedConfigs): void {
    const { logger } = this.#options;
    for (const [file, { accepted, problem }] of this.#acceptedConfigs) {
      const known = before.get(file);
      if (problem !== null && problem !== known?.problem)
        logger.error({ file, reason: problem }, "file is refused");
      if (accepted === null || accepted === known?.accepted) continue;
      const connector = accepted.config.name;
      const isNew = (known?.accepted ?? null) === null;
      logger.info({ file, connector }, isNew ? "file is new" : "file changed");
    }
    for (const file of before.keys())
      if (!this.#acceptedConfigs.has(file))
        logger.info({ file }, "file has gone");
  }
}
