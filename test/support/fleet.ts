import { freePort } from "../../src/local/free-port.ts";
import { accountOf } from "./account.ts";
import { fleetStatus, type Folder } from "./folder.ts";
import { Program } from "./program.ts";
import type { Consumed } from "./read-topics.ts";
import type { Simulator } from "../../src/simulator/server.ts";

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
  /** Records of a session after those of a later one: two published at once. */
  readonly interleaved: readonly string[];
  readonly duplicates: number;
}

/** Holds the only topic of each connector, of one partition, against the account that all of them drain. */
export function evidenceOf(
  simulator: Simulator,
  records: readonly Consumed[],
  names: readonly string[],
): Evidence {
  const lost: string[] = [];
  const interleaved: string[] = [];
  let duplicates = 0;
  for (const name of names) {
    const own = records.filter(({ topic }) => topic === name);
    const account = accountOf(simulator.world, own);
    const neverTold = neverToldOf(simulator, own);
    for (const what of account.lost)
      if (!neverTold.has(what.split(":")[0] ?? ""))
        lost.push(`${name}: ${what}`);
    duplicates += account.duplicates;
    const over = new Set<string>();
    let session = "";
    for (const { headers, offset } of own) {
      const its = headers["sell.session"] ?? "";
      if (over.has(its)) interleaved.push(`${name}: ${its} at ${offset}`);
      if (its !== session) over.add(session);
      session = its;
    }
  }
  return { lost, interleaved, duplicates };
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
