import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createEncoder } from "../../src/format/create-encoder.ts";
import type { EnvelopeName, ValueFormatName } from "../../src/format/names.ts";
import { Registry } from "../../src/format/schema-registry/registry.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { fuzzed, type Fuzzed } from "./fuzz.ts";

const script = new URL("./read_fuzzed.py", import.meta.url).pathname;

export interface FuzzedRead {
  readonly registryUrl: string;
  /** The folder of the Python packages. */
  readonly python: string;
  readonly format: ValueFormatName;
  readonly envelope: EnvelopeName;
  readonly records: number;
  readonly seed: number;
}

/**
 * Has confluent-kafka's deserializer read fuzzed records, which fails when it can't read one, or
 * when a member of one is missing. Returns how many values it read.
 */
export async function readFuzzed(options: FuzzedRead): Promise<number> {
  const { registryUrl, python, format, envelope, records, seed } = options;
  // Only the pinned packages are seen (-S): confluent-kafka reads JSON by orjson where it finds that.
  const child = spawn("python3", ["-S", script, format, registryUrl], {
    env: { ...process.env, PYTHONPATH: python },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines = Readable.from(
    linesOf(fuzzed(records, seed), { registryUrl, format, envelope }),
  );
  // Python's own words say more than that it takes no more lines.
  await pipeline(lines, child.stdin).catch(() => undefined);
  const code = await ended;
  if (code !== 0)
    throw new Error(`${format}, ${envelope}, seed ${seed}: ${said.stderr}`);
  return Number(said.stdout);
}

type Target = Pick<FuzzedRead, "registryUrl" | "format" | "envelope">;

/** One line of JSON for each value: its topic, the value, and what it must hold. */
async function* linesOf(
  all: Iterable<Fuzzed>,
  { registryUrl, format, envelope }: Target,
): AsyncGenerator<string> {
  const encoder = createEncoder({
    ...{ envelope, value: format, tombstones: true, topicPerType: true },
    origin: { version: "1", connectorName: "readers", device: "d" },
    registry: new Registry({ url: registryUrl }),
    autoRegister: true,
    clock: systemClock,
  });
  const run = randomUUID();
  for (const { change, members } of all) {
    const topic = `${run}.${change.type}`;
    await encoder.prepare(change.type, topic, AbortSignal.timeout(60_000));
    for (const { value } of encoder.encode(change, topic))
      if (value !== null)
        yield `${JSON.stringify({
          topic,
          value: value.toString("base64"),
          text: change.data.toString(),
          members: members.map(([name, text]) => [
            name.isWellFormed() ? name : JSON.stringify(name).slice(1, -1),
            text,
          ]),
        })}\n`;
  }
}
