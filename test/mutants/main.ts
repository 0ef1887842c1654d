// Puts each bug into a copy of the source, and fails unless schedules or tests find it there.
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { applied } from "./applied.ts";
import { mutants, type Mutant } from "./mutants.ts";
import { readSources } from "./sources.ts";

const COPIED = ["src", "test", "schemas", "package.json", "vitest.config.ts"];
const MOST_SCHEDULES = 10_000;
const WITHIN_MS = 180_000;

interface Run {
  readonly code: number;
  readonly output: string;
}

const { values } = parseArgs({ options: { bug: { type: "string" } } });
const say = (line: string) => process.stdout.write(`${line}\n`);
const sources = await readSources();
const copy = await mkdtemp(join(tmpdir(), "sell-kafka-mutants-"));
try {
  for (const name of COPIED)
    await cp(name, join(copy, name), { recursive: true });
  await symlink(resolve("node_modules"), join(copy, "node_modules"));
  await nothingFoundWithoutBug();
  const wanted = mutants.filter(({ bug }) => bug.includes(values.bug ?? ""));
  let missed = 0;
  for (const mutant of wanted) {
    const startedMs = performance.now();
    const found = await findIn(mutant);
    if (found === null) missed++;
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    say(
      `${mutant.bug.padEnd(62)} ${seconds.padStart(6)} s  ${found ?? "NOT FOUND"}`,
    );
  }
  say(`${wanted.length} bugs, ${wanted.length - missed} found`);
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  await rm(copy, { recursive: true, force: true });
}

/** Or else what finds a bug would find it anywhere. */
async function nothingFoundWithoutBug(): Promise<void> {
  const tests = mutants.flatMap(({ foundBy }) =>
    foundBy instanceof RegExp ? [] : foundBy,
  );
  const schedules = await play(500);
  if (schedules.code !== 0) throw new Error(schedules.output);
  const { code, output } = await test(tests);
  if (code !== 0) throw new Error(output);
}

/** What found the bug; null when nothing did. */
async function findIn(mutant: Mutant): Promise<string | null> {
  const { foundBy } = mutant;
  const changed = applied(sources, mutant);
  for (const [path, text] of changed) await writeFile(join(copy, path), text);
  try {
    return foundBy instanceof RegExp
      ? await findInSchedules(foundBy)
      : await findInTests(foundBy);
  } finally {
    for (const path of changed.keys())
      await writeFile(join(copy, path), sources.get(path) ?? "");
  }
}

async function findInSchedules(promise: RegExp): Promise<string | null> {
  const { output } = await play(MOST_SCHEDULES);
  const words = /^seed \d+: .+$/m.exec(output)?.[0];
  if (words !== undefined && promise.test(words)) return `schedule, ${words}`;
  say(output);
  return null;
}

async function findInTests(tests: readonly string[]): Promise<string | null> {
  const { output } = await test(tests);
  const failed = /^\s+Tests\s+\d+ failed.*$/m.exec(output)?.[0];
  if (failed !== undefined) return tests.join(", ");
  say(output);
  return null;
}

function play(count: number): Promise<Run> {
  return node("test/simulation/main.ts", "--first", "--count", String(count));
}

function test(tests: readonly string[]): Promise<Run> {
  const vitest = "node_modules/vitest/vitest.mjs";
  return node(vitest, "run", "--project", "unit", "--no-color", ...tests);
}

function node(...args: readonly string[]): Promise<Run> {
  return new Promise((end) => {
    const limits = { cwd: copy, timeout: WITHIN_MS, maxBuffer: 1 << 26 };
    execFile(process.execPath, args, limits, (error, stdout, stderr) => {
      end({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}
