// Has readers that nobody here wrote read fuzzed records: `npm run readers`, with `--records N` for
// each of `--seeds 1,2`, and `--only protobuf` for some formats.
import { parseArgs } from "node:util";
import { envelopeNames, layoutNames } from "../../src/format/names.ts";
import { registeredFormatNames } from "../../src/format/value-formats.ts";
import { startLocalStack } from "../../src/local/stack.ts";
import { preparePython } from "../support/python/python.ts";
import { readFuzzed } from "./read-fuzzed.ts";
import {
  apicurioConverter,
  apicurioSerdes,
  pythonDeserializers,
} from "./readers.ts";

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "100000" },
    seeds: { type: "string", default: "1,2" },
    only: { type: "string", default: registeredFormatNames.join() },
  },
});
const wanted = values.only.split(",");
const say = (line: string) => process.stderr.write(`${line}\n`);

await using stack = await startLocalStack({
  env: process.env,
  withRegistry: true,
  say,
});
const all = [
  pythonDeserializers(await preparePython(say)),
  ...[apicurioSerdes, apicurioConverter],
];
const registryUrl = stack.registryUrl ?? "";
const runs = values.seeds.split(",").flatMap((seed) =>
  registeredFormatNames
    .filter((format) => wanted.includes(format))
    .flatMap((format) =>
      layoutNames.flatMap((layout) =>
        envelopeNames.map((envelope) => ({
          ...{ seed: Number(seed), format, layout, envelope },
        })),
      ),
    ),
);
for (const run of runs) {
  const { seed, format, layout, envelope } = run;
  // Deletes have a value in this envelope only, so it gets most of the records.
  const share = envelope === "change" ? 0.6 : 0.2;
  const records = Math.round(Number(values.records) * share);
  const readers = all.filter(({ formats }) => formats.includes(format));
  const startedMs = performance.now();
  const read = await readFuzzed({ ...run, registryUrl, readers, records });
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  const names = readers.map(({ name }) => name).join(", ");
  process.stdout.write(
    `seed ${seed}, ${format}, ${layout}, ${envelope}: ${names} read ${read} values of ${records} records in ${seconds} s\n`,
  );
}
