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
    onStderr = () => undefined,
  }: {
    env?: Record<string, string>;
    stopping?: AbortSignal;
    onStderr?: (text: string) => void;
  } = {},
): Promise<Ended> {
  const [stdout, stderr] = [new Captured(), new Captured()];
  stderr.on("data", (chunk: Buffer) => {
    onStderr(chunk.toString("utf8"));
  });
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
