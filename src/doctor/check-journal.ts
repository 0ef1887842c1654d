import { partitionOf } from "../kafka/client/partition-of.ts";
import { allowance, brokerReason } from "../kafka/client/errors.ts";
import { readNewest } from "../kafka/read/read-newest.ts";
import { loadRanges, type ReadContext } from "../kafka/read/read-ranges.ts";
import { hasOwnRecords } from "../publish/exactly-once/own-records.ts";
import { warning, type Finding } from "./finding.ts";
import { withinReadingLimit } from "./time-limit.ts";

/** How many records of a journal, which many connectors may share, are read first. */
const FIRST_STEP = 1_000n;

/** A connector, and the topic in which it keeps its journal. */
export interface JournalOwner {
  readonly connectorName: string;
  /** Null for a connector without a device UUID: it has no entries. */
  readonly device: string | null;
  readonly journalTopic: string;
}

/** Checks that the journal of exactly-once delivery has entries of a connector whose records are in its topics. */
export async function checkJournal(
  connection: ReadContext,
  owner: JournalOwner,
  targets: readonly string[],
  stopping: AbortSignal,
): Promise<Finding[]> {
  const { connectorName, device, journalTopic } = owner;
  if (device === null) return [];
  const what = `journal ${journalTopic}`;
  const signal = withinReadingLimit(stopping);
  try {
    const isKept = await hasEntries(connection, { ...owner, device }, signal);
    if (
      isKept ||
      !(await hasOwnRecords(
        connection,
        (topic) => targets.includes(topic),
        connectorName,
        signal,
      ))
    )
      return [];
    return [
      warning(
        what,
        "holds nothing of this connector, though its topics hold its records: it was deleted, or delivery.guarantee was not exactly-once before; what Sell hands out again is published again",
      ),
    ];
  } catch (error) {
    stopping.throwIfAborted();
    return [
      warning(
        what,
        `was not searched for this connector's entries: ${brokerReason(error)}${allowance(error, "Read")}`,
      ),
    ];
  }
}

/** False also when there is no journal. */
async function hasEntries(
  connection: ReadContext,
  {
    connectorName,
    device,
    journalTopic,
  }: JournalOwner & { readonly device: string },
  signal: AbortSignal,
): Promise<boolean> {
  const isJournal = (topic: string) => topic === journalTopic;
  const ranges = await loadRanges(connection, isJournal, signal);
  if (ranges.length === 0) return false;
  const home = partitionOf(connectorName, ranges.length);
  // Entries from before a change of the number of partitions are in other partitions.
  const likelyFirst = [
    ranges.filter(({ partition }) => partition === home),
    ...ranges.filter(({ partition }) => partition !== home).map((one) => [one]),
  ];
  for (const some of likelyFirst) {
    const [newest] = await readNewest(
      connection,
      some,
      ({ key }) => key === device || key.startsWith(`${device}/`),
      FIRST_STEP,
      signal,
    );
    if (newest !== undefined) return true;
  }
  return false;
}
