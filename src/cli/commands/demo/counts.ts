import { setTimeout as delay } from "node:timers/promises";
import type { Simulator } from "../../../simulator/server.ts";
import type { Tally } from "./tally.ts";

const CATCH_UP_WITHIN_MS = 30_000;

/** Sell's counts beside those of the records that were read, or printed. */
export interface Counts {
  readonly acknowledged: number;
  readonly read: number;
  readonly liveRecords: number;
  readonly liveKeys: number;
  readonly pending: number;
  readonly agrees: boolean;
}

/** Waits until the device has acknowledged everything; false when the time is up or the user ends it. */
export async function waitForCatchUp(
  simulator: Pick<Simulator, "state">,
  device: string,
  ending: AbortSignal,
): Promise<boolean> {
  const late = AbortSignal.timeout(CATCH_UP_WITHIN_MS);
  const signal = AbortSignal.any([late, ending]);
  const isDone = () => simulator.state().devices[device]?.pending === 0;
  while (!signal.aborted && !isDone()) await delay(100);
  return isDone();
}

/** Waits until what was acknowledged has been read, the time is up, or the user ends it. */
export async function compareCounts(
  simulator: Pick<Simulator, "state">,
  device: string,
  tally: Tally,
  ending: AbortSignal,
): Promise<Counts> {
  const { records, devices } = simulator.state();
  const acknowledged = devices[device]?.acknowledged ?? 0;
  const pending = devices[device]?.pending ?? 0;
  const { changes, live } = await tally.upTo(
    acknowledged,
    AbortSignal.any([AbortSignal.timeout(CATCH_UP_WITHIN_MS), ending]),
  );
  const agrees =
    pending === 0 && changes === acknowledged && live === records.live;
  return {
    acknowledged,
    read: changes,
    liveRecords: records.live,
    liveKeys: live,
    pending,
    agrees,
  };
}

/** Where the changes went: to a Kafka, or only to the output. */
export type Target = "Kafka" | "printed";

const KEYS =
  "A record keeps its key through all its changes, and a deleted one is not live.";

export function countsText(counts: Counts, target: Target): string {
  const isThere = target === "Kafka" ? "is in Kafka" : "was printed";
  const rows = [
    ["", "Sell", target],
    ["changes acknowledged / read", counts.acknowledged, counts.read],
    ["live records / keys", counts.liveRecords, counts.liveKeys],
    ["still pending", counts.pending, ""],
  ];
  const table = rows.map(
    ([name, sell, kafka]) =>
      `${String(name).padEnd(30)}${String(sell).padStart(10)}${String(kafka).padStart(10)}`,
  );
  return `\n${table.join("\n")}\n${KEYS}\n${counts.agrees ? `The counts agree: every change that Sell handed out ${isThere}.` : "THE COUNTS DIFFER."}\n`;
}
