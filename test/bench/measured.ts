import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChildProgram } from "../support/process/program.ts";

/** What a process took; its times count from its start. */
export interface Usage {
  /** Bytes. */
  readonly peakRss: number;
  readonly samples: readonly {
    readonly atMs: number;
    readonly rss: number;
    readonly cpuMs: number;
  }[];
}

export interface Ran {
  readonly stdout: string;
  /** From before its start to after its end. */
  readonly wallMs: number;
  readonly usage: Usage;
}

/** Runs a script of Node.js to its end, or for `forMs`; rejects when it fails. */
export async function measured(
  args: readonly string[],
  forMs: number | null = null,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), "sell-kafka-bench-"));
  try {
    const file = join(folder, "usage.json");
    const startedMs = performance.now();
    await using program = new ChildProgram(
      process.execPath,
      [
        "--disable-warning=TimeoutNegativeWarning",
        "--import",
        new URL("./usage.mjs", import.meta.url).href,
        ...args,
      ],
      { env: { ...env, BENCH_USAGE: file } },
    );
    const timer =
      forMs === null
        ? undefined
        : setTimeout(() => {
            program.kill("SIGTERM");
          }, forMs);
    const { code } = await program.ended;
    clearTimeout(timer);
    const wallMs = performance.now() - startedMs;
    if (code !== 0)
      throw new Error(
        `${args.join(" ")} ended with ${code}:\n${program.stderr}`,
      );
    const usage = JSON.parse(await readFile(file, "utf8")) as Usage;
    return { stdout: program.stdout, wallMs, usage };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
