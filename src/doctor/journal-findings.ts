import { readNewest } from "../kafka/read/read-newest.ts";
import { hasOwnRecords } from "../publish/exactly-once/own-records.ts";
import { partitionOf } from "../kafka/client/partition-of.ts";
import { loadRanges, type ReadContext } from "../kafka/read/read-ranges.ts";
import { allowance, reasonOf } from "../kafka/client/errors.ts";
import type { Finding } from "./topic-findings.ts";

const FIRST_STEP = 1_000n;
/** A journal that many connectors share may be long. */
const WITHIN_MS = 10_000;

export interface Keeper {
  readonly connectorName: string;
  readonly device: string;
  readonly journalTopic: string;
}

/**
 * Whether the journal of exactly-once delivery, which may not exist, knows of a connector whose records are in the
 * topics; no finding when it does, or when there are none.
 */
export async function journalFindings(
  connection: ReadContext,
  { connectorName, device, journalTopic }: Keeper,
  targets: readonly string[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const what = `journal ${journalTopic}`;
  const within = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
  try {
    const isOrphaned =
      !(await hasEntries(
        connection,
        { connectorName, device, journalTopic },
        within,
      )) && (await hasOwnRecords(connection, targets, connectorName, within));
    if (!isOrphaned) return [];
    return [
      {
        status: "warning",
        what,
        message:
          "holds nothing of this connector, though its topics hold its records: it was deleted, or delivery.guarantee was not exactly-once before; what Sell hands out again is published again",
      },
    ];
  } catch (error) {
    signal.throwIfAborted();
    const message = `was not searched for this connector's entries: ${reasonOf(error)}${allowance(error, "Read")}`;
    return [{ status: "warning", what, message }];
  }
}

async function hasEntries(
  connection: ReadContext,
  { connectorName, device, journalTopic }: Keeper,
  signal: AbortSignal,
): Promise<boolean> {
  const isJournal = (topic: string) => topic === journalTopic;
  const ranges = await loadRanges(connection, isJournal, signal);
  if (ranges.length === 0) return false;
  const home = partitionOf(connectorName, ranges.length);
  // After the number of partitions has changed, older entries lie elsewhere.
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
