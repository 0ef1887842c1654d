import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../src/lib/process/cache-folder.ts";

const run = promisify(execFile);
const folder = new URL("./contenders/go-loop", import.meta.url).pathname;

/** Builds the loop in Go, into the cache; null without a Go that can build it. */
export async function buildGoLoop(
  say: (line: string) => void,
): Promise<string | null> {
  const cache = cacheFolder(process.env);
  const file = join(cache, "bench-go-loop");
  await mkdir(cache, { recursive: true });
  try {
    await run("go", ["build", "-o", file, "."], { cwd: folder });
    return file;
  } catch (error) {
    const [reason] = (error as Error).message.split("\n", 2);
    say(`without the loop in Go, which can't be built: ${reason ?? ""}`);
    return null;
  }
}

/** What the loop prints of itself at its end. */
export interface GoUsage {
  readonly cpuMs: number;
  /** Bytes. */
  readonly peakRss: number;
}

export async function runGoLoop(
  file: string,
  args: readonly string[],
): Promise<GoUsage> {
  const { stdout } = await run(file, args);
  return JSON.parse(stdout) as GoUsage;
}
