import { z } from "zod";
import type { Engine } from "./docker-engine.ts";
import { oneLine } from "../last-words.ts";
import type { Progressed } from "../step.ts";

const LONGEST_LINE = 64 * 1024;
const MOST_LAYERS = 1_000;
const BYTES_IN_MB = 1_000_000;

/** A line of the engine's answer to a pull. */
const pullEvent = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z
    .object({ current: z.number().optional(), total: z.number().optional() })
    .optional(),
});
type PullEvent = z.infer<typeof pullEvent>;

/** Pulls an image from its registry. Rejects with what the engine says. */
export async function pullImage(
  { docker }: Engine,
  image: string,
  signal: AbortSignal,
  progressed: Progressed,
): Promise<void> {
  const answer = await docker.pull(image, { abortSignal: signal });
  const progress = new PullProgress();
  for await (const line of linesOf(answer)) {
    const event = parseEvent(line);
    if (event.error !== undefined) throw new Error(oneLine(event.error));
    // A line that repeats the one before is no progress.
    if (progress.take(event)) progressed(progress.text());
  }
}

/** How much of each layer has come. */
class PullProgress {
  readonly #layers = new Map<string, PullEvent>();

  /** Returns whether anything has changed. */
  take(event: PullEvent): boolean {
    const { id = "", status, progressDetail } = event;
    const before = this.#layers.get(id);
    if (before === undefined && this.#layers.size >= MOST_LAYERS) return false;
    this.#layers.set(id, event);
    return (
      before?.status !== status ||
      before?.progressDetail?.current !== progressDetail?.current
    );
  }

  text(): string {
    let [current, total] = [0, 0];
    for (const { progressDetail } of this.#layers.values()) {
      current += progressDetail?.current ?? 0;
      total += progressDetail?.total ?? 0;
    }
    const inMb = (bytes: number) => Math.round(bytes / BYTES_IN_MB);
    return total === 0 ? "" : `${inMb(current)} of ${inMb(total)} MB`;
  }
}

function parseEvent(line: string): PullEvent {
  try {
    return pullEvent.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`the engine answers ${oneLine(line)}`, { cause });
  }
}

async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE)
      throw new Error(`the engine answers a line above ${LONGEST_LINE} bytes`);
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  if (rest.trim() !== "") yield rest;
}
