import { freePort } from "../../../src/local/free-port.ts";
import { accountOf } from "../sell/account.ts";
import { fleetStatus, type Folder } from "./folder.ts";
import { Program } from "./program.ts";
import type { Consumed } from "../kafka/read-topics.ts";
import type { Simulator } from "../../../src/simulator/server.ts";

/** One process among several that share a folder. */
export class Instance implements AsyncDisposable {
  readonly program: Program;
  readonly port: number;

  private constructor(program: Program, port: number) {
    this.program = program;
    this.port = port;
  }

  /** Some file of the folder takes its port from the environment: `server: SERVER`. */
  static async start({ path }: Pick<Folder, "path">): Promise<Instance> {
    const port = await freePort();
    const args = ["run", "--config", path];
    const env = { FLEET_PORT: String(port) };
    return new Instance(new Program(args, { env }), port);
  }

  /** The names of the connectors that run here; null while it does not answer. */
  async running(): Promise<string[] | null> {
    const status = await fleetStatus(this.port);
    return (
      status?.connectors
        .filter(({ state }) => state === "running")
        .map(({ name }) => name) ?? null
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.program[Symbol.asyncDispose]();
  }
}

/** As `server` of one file: every instance serves at a port of its own. */
export const SERVER = { port: "${env:FLEET_PORT}" };

/** Connectors by name, as they deliver. */
export interface ByGuarantee {
  readonly atLeastOnce: readonly string[];
  readonly exactlyOnce: readonly string[];
}

/** Fills a folder that instances share with connectors, half of them exactly-once. */
export async function fillShared(
  folder: Folder,
  brokers: readonly string[],
  connectors: number,
  sell: { readonly url: string; readonly settings: object },
): Promise<ByGuarantee> {
  await folder.put("cluster.json", {
    group: folder.prefix,
    kafka: { brokers },
  });
  const atLeastOnce: string[] = [];
  const exactlyOnce: string[] = [];
  for (let n = 0; n < connectors; n++) {
    const guarantee = n % 2 === 0 ? "at-least-once" : "exactly-once";
    const config = folder.connector(String(n), sell.url, {
      sell: sell.settings,
      delivery: { guarantee },
    });
    await folder.put(`${n}.json`, { ...config, server: SERVER });
    const own = guarantee === "exactly-once" ? exactlyOnce : atLeastOnce;
    own.push(`${folder.prefix}-${n}`);
  }
  return { atLeastOnce, exactlyOnce };
}

/** How often a connector runs on the instances that answer, by its name. */
export async function runsOf(
  instances: readonly Instance[],
): Promise<Map<string, number>> {
  const runs = new Map<string, number>();
  for (const names of await Promise.all(
    instances.map((instance) => instance.running()),
  ))
    for (const name of names ?? []) runs.set(name, (runs.get(name) ?? 0) + 1);
  return runs;
}

export interface Evidence {
  readonly lost: readonly string[];
  /** Records of a session after those of one that began later: two published at once. */
  readonly late: readonly string[];
  /** Records whose newest state is not the last one, so that compaction would leave an older one. */
  readonly stale: readonly string[];
  /** What clients asked of Sell that the protocol does not allow. */
  readonly violations: readonly string[];
}

/** Holds the only topic of each connector, of one partition, against the account that all of them drain. */
export function evidenceOf(
  simulator: Simulator,
  records: readonly Consumed[],
  names: readonly string[],
): Evidence {
  const byTopic = Map.groupBy(records, ({ topic }) => topic);
  const lost: string[] = [];
  const late: string[] = [];
  const stale: string[] = [];
  for (const name of names) {
    const own = byTopic.get(name) ?? [];
    const neverTold = neverToldOf(simulator, own);
    for (const what of accountOf(simulator.world, own).lost)
      if (!neverTold.has(what.split(":")[0] ?? ""))
        lost.push(`${name}: ${what}`);
    let latest = "";
    const newest = new Map<string, number>();
    const last = new Map<string, number>();
    for (const { key, headers, offset } of own) {
      const session = headers["sell.session"] ?? "";
      if (session < latest) late.push(`${name}: ${session} at ${offset}`);
      else latest = session;
      const revision = Number(headers["sell.revision"]);
      newest.set(key, Math.max(newest.get(key) ?? 0, revision));
      last.set(key, revision);
    }
    for (const [key, revision] of last)
      if (revision !== newest.get(key)) stale.push(`${name}: ${key}`);
  }
  const violations = Object.entries(simulator.state().violations);
  return {
    lost,
    late,
    stale,
    violations: violations.map(([rule, times]) => `${rule}: ${times} times`),
  };
}

/** How many records of these connectors say again what another one has said. */
export function duplicatesOf(
  simulator: Simulator,
  records: readonly Consumed[],
  names: readonly string[],
): number {
  const byTopic = Map.groupBy(records, ({ topic }) => topic);
  const counts = names.map(
    (name) => accountOf(simulator.world, byTopic.get(name) ?? []).duplicates,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What is not as it should be, each with its first few cases. */
export function problemsOf({
  lost,
  late,
  stale,
  violations,
}: Evidence): string[] {
  return Object.entries<readonly string[]>({ lost, late, stale, violations })
    .filter(([, cases]) => cases.length > 0)
    .map(
      ([what, cases]) =>
        `${cases.length} ${what}: ${cases.slice(0, 5).join(", ")}`,
    );
}

/** How many changes devices have not acknowledged yet. */
export function pendingOf(simulator: Simulator): number {
  return Object.values(simulator.state().devices).reduce(
    (sum, { pending }) => sum + pending,
    0,
  );
}

/**
 * Records that were published, never acknowledged because the instance was killed, and deleted
 * before another could acknowledge them: Sell tells no such delete.
 */
function neverToldOf(
  simulator: Simulator,
  records: readonly Consumed[],
): Set<string> {
  const value = records.find((record) => record.value !== null)?.value ?? "{}";
  const { source } = JSON.parse(String(value)) as {
    source?: { device: string };
  };
  const { world } = simulator;
  const neverTold = new Set<string>();
  for (let place = 0; place < world.size; place++) {
    const { type, id } = world.state(place);
    if (simulator.isNeverTold(source?.device ?? "", place))
      neverTold.add(`${type}-${id}`);
  }
  return neverTold;
}
