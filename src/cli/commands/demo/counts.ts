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

/** Waits until the device has acknowledged everything, or the time is up. */
export async function waitForCatchUp(
  simulator: Simulator,
  device: string,
): Promise<void> {
  const signal = AbortSignal.timeout(CATCH_UP_WITHIN_MS);
  while (!signal.aborted && simulator.state().devices[device]?.pending !== 0)
    await delay(100);
}

/** Waits until what was acknowledged has been read, or the time is up. */
export async function compareCounts(
  simulator: Simulator,
  device: string,
  tally: Tally,
): Promise<Counts> {
  const { records, devices } = simulator.state();
  const acknowledged = devices[device]?.acknowledged ?? 0;
  const pending = devices[device]?.pending ?? 0;
  const { changes, live } = await tally.upTo(acknowledged, CATCH_UP_WITHIN_MS);
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
  return `\n${table.join("\n")}\n${counts.agrees ? `The counts agree: every change that Sell handed out ${isThere}.` : "THE COUNTS DIFFER."}\n`;
}
