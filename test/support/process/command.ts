import { PassThrough } from "node:stream";
import type { Input, Output } from "../../../src/cli/process-context.ts";
import { main } from "../../../src/cli/program.ts";

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
    stdin,
    stopping = new AbortController().signal,
    onStderr = () => undefined,
  }: {
    env?: Record<string, string>;
    /** Keys that are typed on a terminal; without them there is none. */
    stdin?: string;
    stopping?: AbortSignal;
    onStderr?: (text: string) => void;
  } = {},
): Promise<Ended> {
  const isTTY = stdin !== undefined;
  const [stdout, stderr] = [new Captured(isTTY), new Captured(isTTY)];
  const keys = typed(stdin ?? "", isTTY);
  stderr.on("data", (chunk: Buffer) => {
    onStderr(chunk.toString("utf8"));
  });
  const exitCode = await main({
    command: "sell-kafka",
    args,
    env,
    stdin: keys,
    stdout,
    stderr,
    stopping,
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

function typed(keys: string, isTTY: boolean): Input {
  const input = new PassThrough();
  input.write(keys);
  return Object.assign(input, { isTTY });
}

class Captured extends PassThrough implements Output {
  readonly isTTY: boolean;
  text = "";

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
    this.on("data", (chunk: Buffer) => (this.text += chunk.toString("utf8")));
  }
}
