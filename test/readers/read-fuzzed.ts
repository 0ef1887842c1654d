import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { unknownFields } from "../../src/domain/custom-fields.ts";
import { createEncoder } from "../../src/format/create-encoder.ts";
import { baseColumns } from "../../src/format/columns/base-columns.ts";
import type {
  EnvelopeName,
  LayoutName,
  ValueFormatName,
} from "../../src/format/names.ts";
import { schemaNameFor } from "../../src/format/schema-files.ts";
import { Registry } from "../../src/format/schema-registry/registry.ts";
import type { ColumnsLayout } from "../../src/format/value-format.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { customFields, fuzzed, type Fuzzed } from "./fuzz.ts";

const script = new URL("./read_fuzzed.py", import.meta.url).pathname;

export interface FuzzedRead {
  readonly registryUrl: string;
  /** The folder of the Python packages. */
  readonly python: string;
  readonly format: ValueFormatName;
  readonly envelope: EnvelopeName;
  readonly layout: LayoutName;
  readonly records: number;
  readonly seed: number;
}

/**
 * Has confluent-kafka's deserializer read fuzzed records, which fails when it can't read one, or
 * when a member of one is missing. Returns how many values it read.
 */
export async function readFuzzed(options: FuzzedRead): Promise<number> {
  const { registryUrl, python, format, envelope, layout } = options;
  const { records, seed } = options;
  // Only the pinned packages are seen (-S): confluent-kafka reads JSON by orjson where it finds that.
  const child = spawn("python3", ["-S", script, format, layout, registryUrl], {
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
    linesOf(fuzzed(records, seed), { registryUrl, format, envelope, layout }),
  );
  // Python's own words say more than that it takes no more lines.
  await pipeline(lines, child.stdin).catch(() => undefined);
  const code = await ended;
  if (code !== 0)
    throw new Error(
      `${format}, ${envelope}, ${layout}, seed ${seed}: ${said.stderr}`,
    );
  return Number(said.stdout);
}

type Target = Pick<
  FuzzedRead,
  "registryUrl" | "format" | "envelope" | "layout"
>;

const columns: ColumnsLayout = {
  customFields: { ...unknownFields, of: () => customFields },
  schemaKept: () => undefined,
};

/** The members of a type that are records, whose members are columns, and `custom_fields`. */
function flattened(type: string): readonly string[] {
  const paths = baseColumns(schemaNameFor(type)).flatMap(({ place }) =>
    place.kind === "member" && place.path.length > 1 ? place.path[0] : [],
  );
  return [...new Set([...paths, "custom_fields"])].flatMap((one) => one ?? []);
}

/** One line of JSON for each value: its topic, the value, and what it must hold. */
async function* linesOf(
  all: Iterable<Fuzzed>,
  { registryUrl, format, envelope, layout }: Target,
): AsyncGenerator<string> {
  const encoder = createEncoder({
    ...{ envelope, value: format, tombstones: true, topicPerType: true },
    origin: { version: "1", connectorName: "readers", device: "d" },
    registry: new Registry({ url: registryUrl }),
    autoRegister: true,
    clock: systemClock,
    columns: layout === "columns" ? columns : null,
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
          flattened: layout === "columns" ? flattened(change.type) : [],
          members: members.map(([name, text]) => [
            name.isWellFormed() ? name : JSON.stringify(name).slice(1, -1),
            text,
          ]),
        })}\n`;
  }
}
