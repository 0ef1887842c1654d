import type { Clock } from "../../../lib/clock.ts";
import { silently } from "../../../local/step.ts";
import type { Simulator } from "../../../simulator/server.ts";
import { compareCounts, waitForCatchUp, type Counts } from "./counts.ts";
import type { KafkaWatch } from "./kafka-watch.ts";
import type { Polling } from "./polling.ts";
import type { Show } from "./show.ts";
import type { Tally } from "./tally.ts";

export interface End {
  readonly simulator: Pick<Simulator, "state">;
  readonly device: string;
  readonly clock: Clock;
  readonly show: Pick<Show, "during">;
  readonly polling: Pick<Polling, "stop">;
  readonly tally: Tally;
  readonly kafka: Pick<KafkaWatch, "isAway" | "why">;
}

/** Waits for the last changes, for a while and until Ctrl-C; then stops polling, and compares. */
export async function lastCounts(
  { simulator, device, clock, show, polling, tally, kafka }: End,
  asked: AbortSignal,
): Promise<Counts> {
  // After a first Ctrl-C, another one ends the process.
  const [key, ending] = asked.aborted
    ? ["Ctrl-C again", silently.signal]
    : ["Ctrl-C", asked];
  const waiting = {
    what: "waiting for the last changes",
    clock,
    signal: silently.signal,
    why: () => kafka.why(key),
  };
  return show.during(waiting, async () => {
    const isDone = await waitForCatchUp(simulator, device, ending);
    await polling.stop(!isDone);
    const reading = kafka.isAway ? AbortSignal.abort() : ending;
    return compareCounts(simulator, device, tally, reading);
  });
}
