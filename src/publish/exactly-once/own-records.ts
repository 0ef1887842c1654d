import { readNewest } from "../../kafka/read/read-newest.ts";
import { headerOf } from "../../kafka/read/partition-reader.ts";
import { loadRanges, type ReadContext } from "../../kafka/read/read-ranges.ts";

/** A record, and the marker of its transaction. */
const FIRST_STEP = 2n;
/** Read before the first answer is looked at: one record of the connector is enough. */
const PARTITIONS_AT_ONCE = 8;

/**
 * Whether one of the target topics holds records of the connector: in some partition, the newest
 * record names it. Rejects as `readRanges` does.
 */
export async function hasOwnRecords(
  connection: ReadContext,
  isTarget: (topic: string) => boolean,
  connectorName: string,
  signal: AbortSignal,
): Promise<boolean> {
  const ranges = (await loadRanges(connection, isTarget, signal)).filter(
    ({ from, to }) => from < to,
  );
  for (let at = 0; at < ranges.length; at += PARTITIONS_AT_ONCE) {
    const newest = await readNewest(
      connection,
      ranges.slice(at, at + PARTITIONS_AT_ONCE),
      () => true,
      FIRST_STEP,
      signal,
    );
    if (newest.some((one) => headerOf(one, "sell.connector") === connectorName))
      return true;
  }
  return false;
}
