// Has readers that nobody here wrote read fuzzed records: `npm run readers`, with `--records N` for
// each of `--seeds 1,2`, `--only protobuf` for some formats, and `--layouts columns` for one layout.
import { parseArgs } from "node:util";
import { envelopeNames, layoutNames } from "../../src/format/names.ts";
import { registeredFormatNames } from "../../src/format/value-formats.ts";
import { startLocalStack } from "../../src/local/stack.ts";
import { preparePython } from "../support/python/python.ts";
import { readFuzzed } from "./read-fuzzed.ts";

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "100000" },
    seeds: { type: "string", default: "1,2" },
    layouts: { type: "string", default: layoutNames.join() },
    only: { type: "string", default: registeredFormatNames.join() },
  },
});
const wanted = values.only.split(",");
const layouts = layoutNames.filter((one) =>
  values.layouts.split(",").includes(one),
);
const say = (line: string) => process.stderr.write(`${line}\n`);

await using stack = await startLocalStack({
  env: process.env,
  withRegistry: true,
  say,
});
const python = await preparePython(say);
const registryUrl = stack.registryUrl ?? "";
for (const seed of values.seeds.split(",").map(Number))
  for (const format of registeredFormatNames) {
    if (!wanted.includes(format)) continue;
    // Deletes have a value in this envelope only, so it gets most of the records.
    for (const envelope of envelopeNames)
      for (const layout of layouts) {
        const share = envelope === "change" ? 0.6 : 0.2;
        const records = Math.round(Number(values.records) * share);
        const startedMs = performance.now();
        const read = await readFuzzed({
          ...{ registryUrl, python, format, envelope, layout, records, seed },
        });
        const seconds = Math.round((performance.now() - startedMs) / 1_000);
        process.stdout.write(
          `seed ${seed}, ${format}, ${envelope}, ${layout}: ${read} values of ${records} records were read in ${seconds} s\n`,
        );
      }
  }
