import { readNewest } from "../../kafka/read/read-newest.ts";
import { headerOf } from "../../kafka/read/partition-reader.ts";
import { loadRanges, type ReadContext } from "../../kafka/read/read-ranges.ts";

/** A record, and the marker of its transaction. */
const FIRST_STEP = 2n;
/** Read before the first answer is looked at: one record of the connector is enough. */
const PARTITIONS_AT_ONCE = 8;

/**
 * Whether one of the topics holds records of the connector: in some partition, the newest record
 * names it. Topics that do not exist hold none. Rejects as `readRanges` does.
 */
export async function hasOwnRecords(
  connection: ReadContext,
  topics: readonly string[],
  connectorName: string,
  signal: AbortSignal,
): Promise<boolean> {
  const wanted = new Set(topics);
  const ranges = (
    await loadRanges(connection, (topic) => wanted.has(topic), signal)
  ).filter(({ from, to }) => from < to);
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
