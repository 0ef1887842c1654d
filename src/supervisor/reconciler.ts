import type { Logger } from "pino";
import {
  CLUSTER_FILE,
  type ClusterFile,
} from "../config/folder/cluster-file.ts";
import type { ConfigFolder } from "../config/folder/config-folder.ts";
import type { Config } from "../config/definition/config.ts";
import type {
  FleetTrouble,
  Placed,
  Survey,
} from "../observe/status/fleet-status.ts";
import type { Clock } from "../lib/clock.ts";
import type { Assignment } from "./connector-runner.ts";
import type { Supervisor } from "./supervisor.ts";
import type { Assignments } from "../cluster/assignments.ts";
import {
  nextAcceptedConfigs,
  type AcceptedConfigs,
} from "./accepted-configs.ts";

export interface CaretakerOptions {
  readonly folder: ConfigFolder;
  readonly cluster: Pick<ClusterFile, "look">;
  readonly supervisor: Supervisor;
  readonly assignments: Assignments;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told after each look of everything that was accepted, in the order of the files. */
  readonly looked: (accepted: readonly Config[]) => Promise<void>;
}

const LOOK_EVERY_MS = 2_000;

/** Keeps the connectors as the folder says, within what this process may run. */
export class Reconciler {
  readonly #options: CaretakerOptions;
  #acceptedConfigs: AcceptedConfigs = new Map();
  #folderProblem: string | null = null;
  #clusterProblem: string | null = null;
  #isStopping = false;

  constructor(options: CaretakerOptions) {
    this.#options = options;
  }

  /** How many connectors the folder has, wherever they run. */
  get connectors(): number {
    return [...this.#acceptedConfigs.values()].filter((one) => one.accepted)
      .length;
  }

  /** Looks at the folder again and again until `stopping`, then stops every connector in order. */
  async run(stopping: AbortSignal): Promise<void> {
    const { clock, supervisor } = this.#options;
    while (!stopping.aborted) {
      await this.#look();
      await this.#lookAtCluster();
      await clock.sleep(LOOK_EVERY_MS, stopping).catch(() => undefined);
    }
    this.#isStopping = true;
    await supervisor.stopped();
  }

  /** Starts and stops what has to be by now; to be called when the assignments have changed. */
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

  survey(): Survey {
    const { assignments } = this.#options;
    const placed: Placed[] = [];
    const troubles: FleetTrouble[] = [...this.#troubles()];
    for (const [file, { accepted, problem }] of this.#acceptedConfigs) {
      if (accepted !== null) placed.push(this.#place(file, accepted.config));
      if (problem !== null) {
        const remedy =
          accepted === null
            ? "Mend the file; it is read again by itself."
            : `Until the file is mended, ${accepted.config.name} goes on as it was.`;
        troubles.push({ code: "file", subject: file, reason: problem, remedy });
      }
    }
    return {
      group: assignments.group,
      instances: assignments.instances(),
      placed,
      troubles,
    };
  }

  *#troubles(): Generator<FleetTrouble> {
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
        code: "file",
        subject: CLUSTER_FILE,
        reason: this.#clusterProblem,
        remedy:
          "Stop all instances, then start them again; or put the file back as it was.",
      };
    const ofAssignments = assignments.trouble();
    if (ofAssignments !== null) yield ofAssignments;
  }

  #place(file: string, config: Config): Placed {
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

  async #look(): Promise<void> {
    const { folder, looked } = this.#options;
    try {
      const files = await folder.look();
      this.#folderProblem = null;
      const before = this.#acceptedConfigs;
      this.#acceptedConfigs = nextAcceptedConfigs(before, files);
      this.#tell(before);
    } catch (error) {
      const { message } = error as Error;
      if (this.#folderProblem !== message)
        this.#options.logger.error({ reason: message }, "folder can't be read");
      this.#folderProblem = message;
    }
    this.reconcile();
    const accepted = [...this.#acceptedConfigs.values()].flatMap(
      (entry) => entry.accepted?.config ?? [],
    );
    await looked(accepted);
  }

  async #lookAtCluster(): Promise<void> {
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

  #tell(before: AcceptedConfigs): void {
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
