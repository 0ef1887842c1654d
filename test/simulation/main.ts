// Replays one schedule with its trace (`--seed N`), or searches for one that breaks a promise
// (`--count N`, with `--from SEED`; `--first` ends with the first that does).
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    count: { type: "string", default: "10000" },
    first: { type: "boolean", default: false },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

if (values.seed !== undefined) {
  const { trace, broken, lives, steps } = await simulate(
    Number(values.seed),
    true,
  );
  for (const line of trace) say(line);
  say(
    `seed ${values.seed}: ${broken?.message ?? "every promise was kept"}; ${steps} steps, ${lives} lives of the process`,
  );
  process.exitCode = broken === null ? 0 : 1;
} else {
  const from = Number(values.from);
  const totals = { schedules: 0, steps: 0, lives: 0, broken: 0 };
  const met = new Coverage();
  for (let seed = from; seed < from + Number(values.count); seed++) {
    const { broken, steps, lives, counts } = await simulate(seed);
    met.add(seed, counts);
    totals.schedules++;
    totals.steps += steps;
    totals.lives += lives;
    if (broken === null) continue;
    totals.broken++;
    say(`seed ${seed}: ${broken.message}`);
    if (values.first) break;
  }
  say(JSON.stringify(totals));
  say(JSON.stringify(met));
  process.exitCode = totals.broken === 0 ? 0 : 1;
}
