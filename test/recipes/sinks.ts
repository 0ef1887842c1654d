import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { tableOf } from "../../src/format/avro/columns/table.ts";
import { fieldsOf, rowWithin } from "../../src/format/avro/row-within.ts";
import type { AvroSchema } from "../../src/format/avro/schemas.ts";
import type { Column } from "../../src/format/columns/column.ts";
import { Registry } from "../../src/format/schema-registry/registry.ts";
import { typesWithSchema } from "../../src/format/schema-files.ts";
import type { Simulator } from "../../src/simulator/server.ts";
import type { World } from "../../src/simulator/world.ts";
import { brokers, servers } from "../support/kafka/kafka.ts";
import type { Trial } from "../support/process/connector.ts";
import { synced } from "./contacts.ts";
import { filledIn, JavaProgram, recipe } from "./java.ts";

const STANDS_STILL_MS = 150_000;
const url = servers?.registryUrl ?? "";

/** Writes the settings of a Connect worker and of a sink, whose folder here has its name; makes the folder of plugins. */
export async function writeSettings(
  sink: string,
  folder: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const all = {
    ...{ folder, brokers: brokers().join(",") },
    registry: new URL("/apis/registry/v2", url).href,
    ...values,
  };
  for (const file of ["connect/worker.properties", `${sink}/sink.properties`]) {
    const text = await readFile(recipe(`./${file}`), "utf8");
    await writeFile(join(folder, basename(file)), filledIn(text, all));
  }
  await mkdir(join(folder, "plugins"));
}

/** Starts a Connect worker on the settings of a folder. */
export function startWorker(folder: string, classPath: string): JavaProgram {
  return new JavaProgram(
    classPath,
    [
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
      "org.apache.kafka.connect.cli.ConnectStandalone",
      ...["worker.properties", "sink.properties"],
    ],
    { cwd: folder },
  );
}

/** Their custom fields change, so Sell tells all of them. */
const changed = new Set(["contact", "deal"]);

/** Changes every third record and all of those, deletes every seventh, and creates one of each type. */
function change({ world }: Simulator): void {
  const { size } = world;
  for (let index = 0; index < size; index++) {
    if (world.isDeleted(index)) continue;
    if (index % 7 === 0) world.delete(index, Date.now());
    else if (index % 3 === 0 || changed.has(world.state(index).type))
      world.update(index, Date.now());
  }
  for (const type of typesWithSchema().keys()) world.create(type, Date.now());
}

interface SellRecord {
  readonly type: string;
  /** The key of its Kafka records. */
  readonly key: string;
  /** The record as JSON. */
  readonly data: string;
}

/** The records that Sell holds. */
export function sellRecords(world: World): readonly SellRecord[] {
  const records: SellRecord[] = [];
  for (let index = 0; index < world.size; index++) {
    const { type, id, isDeleted } = world.state(index);
    const data = world.data(index);
    if (isDeleted) continue;
    const name = type.replace(/(?:^|_)([a-z])/g, (_, letter: string) =>
      letter.toUpperCase(),
    );
    const key = data.startsWith('{"id":') ? String(id) : `${name}-${id}`;
    records.push({ type, key, data });
  }
  return records;
}

/** The columns of each type, by the newest schemas of a trial. */
export async function columnsByType({
  name,
}: Trial): Promise<ReadonlyMap<string, readonly Column[]>> {
  const registry = new Registry({ url });
  const found = new Map<string, readonly Column[]>();
  for (const type of typesWithSchema()) {
    const subject = `${name}.${type}-value`;
    const latest = await registry.latest(subject, AbortSignal.timeout(30_000));
    const schema = JSON.parse(latest?.text ?? "") as AvroSchema;
    found.set(type, tableOf(fieldsOf(rowWithin(schema))).columns);
  }
  return found;
}

interface SinkTrial {
  readonly simulator: Simulator;
  readonly trial: Trial;
  /** Starts the Connect worker with the sink. */
  readonly start: () => Promise<JavaProgram>;
  /** Null once the tables equal Sell's records. */
  readonly difference: () => Promise<unknown>;
  /** Called while the first worker runs, before more changes come that it may miss. */
  readonly disturb?: () => Promise<void>;
}

/**
 * Expects that a sink's tables equal Sell after a first drain, through changes, deletes, a new and a
 * renamed custom field, and with a second worker that goes on where the first one was killed.
 */
export async function expectSameThroughChanges({
  simulator,
  trial,
  start,
  difference,
  disturb,
}: SinkTrial): Promise<void> {
  const expectSame = async (worker: JavaProgram) => {
    expect(await difference(), worker.stderr.slice(-20_000)).toBeNull();
  };
  await synced(trial);
  {
    await using worker = await start();
    await expectSame(worker);
    const { customFields } = simulator.world;
    customFields.add("deal", "Won because", "string");
    customFields.rename("contact", "Region", "Sales region");
    change(simulator);
    await synced(trial);
    await expectSame(worker);
    await disturb?.();
    change(simulator);
    await synced(trial);
  }
  change(simulator);
  await synced(trial);
  await using worker = await start();
  await expectSame(worker);
}

/** Null once tables equal Sell's records; what differs when that stays the same for long. */
export async function differenceAtRest<T>(
  look: () => Promise<T | null>,
): Promise<T | null> {
  let lastChangeMs = performance.now();
  let found: T | null = null;
  for (;;) {
    const now = await look();
    if (now === null) return null;
    if (!isDeepStrictEqual(now, found)) lastChangeMs = performance.now();
    found = now;
    if (performance.now() - lastChangeMs > STANDS_STILL_MS) return found;
    await delay(1_000);
  }
}
