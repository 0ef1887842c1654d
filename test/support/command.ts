import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Output } from "../../src/cli/context.ts";
import { main } from "../../src/cli/program.ts";

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line within this process, as `main.ts` does. */
export async function sellKafka(
  args: readonly string[],
  {
    env = {},
    stopping = new AbortController().signal,
  }: { env?: Record<string, string>; stopping?: AbortSignal } = {},
): Promise<Ended> {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const exitCode = await main({ args, env, stdout, stderr, stopping });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

class Captured extends PassThrough implements Output {
  readonly isTTY = false as unknown as true;
  text = "";

  constructor() {
    super();
    this.on("data", (chunk: Buffer) => (this.text += chunk.toString("utf8")));
  }
}

/** A configuration file in a folder of its own, gone when the test ends. */
export async function configFile(
  config: object,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sell-kafka-test-"));
  const path = join(folder, "connector.config.json");
  await writeFile(path, JSON.stringify(config));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
