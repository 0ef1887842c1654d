// Measures sell-kafka beside what it could be compared with, in one run: `npm run bench`, with
// `--only near,far` for some profiles, `--quick` for a rough look, `--write` to put the figures that
// were measured into docs/benchmarks.md.
import { parseArgs } from "node:util";
import { startLocalStack } from "../../src/local/stack.ts";
import { preparePython } from "../support/python/python.ts";
import type { Arena } from "./bench.ts";
import { buildGoLoop } from "./go-loop.ts";
import { writeDocument } from "./document.ts";
import { endServers, fullEffort, profiles, quickEffort } from "./profiles.ts";
import { tableText, type Table } from "./table.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(profiles).join() },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const wanted = values.only.split(",");
const unknown = wanted.filter((name) => !Object.hasOwn(profiles, name));
if (unknown.length > 0)
  throw new Error(
    `no profile ${unknown.join()}; there are ${Object.keys(profiles).join(", ")}`,
  );
const say = (line: string) => process.stderr.write(`${line}\n`);
const effort = values.quick ? quickEffort : fullEffort;

await using stack = await startLocalStack({
  env: process.env,
  withRegistry: true,
  say,
});
const arena: Arena = {
  brokers: stack.brokers,
  registryUrl: stack.registryUrl ?? "",
  python: await preparePython(say),
  goLoop: await buildGoLoop(say),
};
const tables = new Map<string, Table>();
for (const name of wanted) {
  say(`measuring: ${name}`);
  const table = await profiles[name]?.(arena, effort);
  if (table === undefined) continue;
  tables.set(name, table);
  process.stdout.write(`\n${tableText(table)}\n`);
}
endServers();
if (values.write) await writeDocument(tables, Object.keys(profiles));
