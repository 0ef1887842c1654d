import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { permanentLease } from "../../../src/cluster/lease.ts";
import {
  standalone,
  type Assignments,
} from "../../../src/cluster/assignments.ts";
import { ConfigFolder } from "../../../src/config/folder/config-folder.ts";
import { observers } from "../../../src/domain/observer.ts";
import { FleetTelemetry } from "../../../src/observe/fleet-telemetry.ts";
import { Reconciler } from "../../../src/supervisor/reconciler.ts";
import { Supervisor } from "../../../src/supervisor/supervisor.ts";
import { silentTroubles, type LogLine } from "../observe/watched.ts";
import { FakeClock } from "../clocks/fake-clock.ts";

const answered = {
  endpoint: "start" as const,
  status: 201,
  throttled: false,
  durationMs: 1,
  ratePerSecond: 10,
};

export interface WatchedOptions {
  readonly assignments?: Assignments;
  /** Connectors that fail as soon as they are started. */
  readonly failing?: readonly string[];
  /** Connectors that reach no server. */
  readonly unready?: readonly string[];
}

/** A process that runs a folder of connectors which need no server, under a clock that the test moves. */
export class WatchedFolder implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly path: string;
  readonly telemetry: FleetTelemetry;
  readonly logged: LogLine[] = [];
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #looked = Promise.withResolvers<undefined>();
  clusterProblem: string | null = null;

  private constructor(path: string, options: WatchedOptions) {
    const { failing = [], unready = [] } = options;
    const { clock } = this;
    this.path = path;
    const logger = pino(
      { base: null },
      { write: (line) => this.logged.push(JSON.parse(line) as LogLine) },
    );
    const folder = new ConfigFolder(path, {});
    this.telemetry = new FleetTelemetry({
      folder: path,
      instance: "here",
      version: "1.2.3",
      toKafka: true,
      clock,
      logger,
      survey: () => reconciler.state(),
    });
    const supervisor = new Supervisor({
      clock,
      failed: () => undefined,
      run: async ({ config }, stopping) => {
        if (failing.includes(config.name)) throw new Error("no disk");
        const troubles = silentTroubles(config, clock);
        using connector = this.telemetry.add(config, troubles);
        const observer = observers(troubles.observer, ...connector.observers);
        if (!unready.includes(config.name)) {
          observer.connected("a device");
          observer.requested(answered);
        }
        await once(stopping, "abort");
      },
    });
    const reconciler: Reconciler = new Reconciler({
      folder,
      cluster: { look: () => Promise.resolve(this.clusterProblem) },
      supervisor,
      assignments: options.assignments ?? standalone("here"),
      clock,
      logger,
      looked: async (served) => {
        this.telemetry.noteTroubles();
        await this.telemetry.serve(
          served.flatMap(({ server }) => server ?? []),
        );
        this.#looked.resolve(undefined);
      },
    });
    this.#running = reconciler.run(this.#stopping.signal);
  }

  /** Starts with these files, and returns once they were read. */
  static async start(
    files: Readonly<Record<string, string>>,
    options: WatchedOptions = {},
  ): Promise<WatchedFolder> {
    const path = await mkdtemp(join(tmpdir(), "sell-kafka-watched-"));
    for (const [file, text] of Object.entries(files))
      await writeFile(join(path, file), text);
    const watched = new WatchedFolder(path, options);
    await watched.#looked.promise;
    await watched.clock.advance(0);
    return watched;
  }

  put(file: string, text: string): Promise<void> {
    return writeFile(join(this.path, file), text);
  }

  remove(file: string): Promise<void> {
    return rm(join(this.path, file));
  }

  /** Makes the folder unreadable, until it is called with false. */
  async hide(isHidden: boolean): Promise<void> {
    const [from, to] = isHidden
      ? [this.path, `${this.path}.away`]
      : [`${this.path}.away`, this.path];
    await rename(from, to);
  }

  /** Lets the time come at which the folder is read again, and returns once it was. */
  async look(): Promise<void> {
    this.#looked = Promise.withResolvers();
    await this.clock.advance(2_000);
    await this.#looked.promise;
    await this.clock.advance(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error("the test ends"));
    await this.#running;
    await this.telemetry[Symbol.asyncDispose]();
    await rm(this.path, { recursive: true, force: true });
    await rm(`${this.path}.away`, { recursive: true, force: true });
  }
}

/** The text of a connector's file. */
export function connectorText(
  name: string,
  {
    account = "a",
    pattern = "{name}.{type}",
    ...rest
  }: {
    readonly account?: string;
    readonly pattern?: string;
    readonly server?: { readonly port: number };
  } = {},
): string {
  return JSON.stringify({
    name,
    sell: { accessToken: account.repeat(64) },
    kafka: { brokers: ["kafka:9092"] },
    topics: { pattern },
    ...rest,
  });
}

/** Assignments of an instance that is in no group yet. */
export function unjoined(): Assignments {
  return {
    ...standalone("here"),
    group: "the-group",
    leaseOf: () => null,
    runsOn: () => null,
    instances: () => [],
    trouble: () => ({
      code: "group",
      subject: null,
      reason: "it is no member of the group the-group: no broker answers",
      remedy: "It tries to be one by itself; until then, it runs nothing.",
    }),
  };
}

/** Assignments by which another instance runs some connectors. */
export function sharedWith(
  other: string,
  names: readonly string[],
): Assignments {
  return {
    ...standalone("here"),
    group: "the-group",
    leaseOf: (name) => (names.includes(name) ? null : permanentLease),
    runsOn: (name) => (names.includes(name) ? other : "here"),
    instances: () => ["here", other],
  };
}
