import { allowance, brokerReason } from "../kafka/client/errors.ts";
import { readNewest } from "../kafka/read/read-newest.ts";
import { headerOf } from "../kafka/read/partition-reader.ts";
import { loadRanges, type ReadContext } from "../kafka/read/read-ranges.ts";
import { groupByAdvice, warning, type Finding } from "./finding.ts";
import { withinReadingLimit } from "./time-limit.ts";

/** A record, and the marker of its transaction. */
const FIRST_STEP = 2n;

/** Checks that no other connector writes to the topics: of another account, they overwrite each other's records. */
export async function checkOtherConnectors(
  connection: ReadContext,
  connectorName: string,
  topics: readonly string[],
  stopping: AbortSignal,
): Promise<Finding[]> {
  try {
    const writers = await otherWriters(
      connection,
      connectorName,
      topics,
      withinReadingLimit(stopping),
    );
    return groupByAdvice(
      [...writers].map(([topic, writer]) => ({
        status: "warning",
        topic,
        found: `was last written to by the connector ${writer}`,
        advice:
          ". Connectors of different accounts must not share topics: their record ids overlap. Give each its own topics.pattern, such as {name}.{type}",
      })),
    );
  } catch (error) {
    stopping.throwIfAborted();
    return [
      warning(
        "other connectors",
        `were not looked for in the target topics: ${brokerReason(error)}${allowance(error, "Read")}`,
      ),
    ];
  }
}

/** Another connector that wrote the newest record of a partition, for each topic with one. */
async function otherWriters(
  connection: ReadContext,
  connectorName: string,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const wanted = new Set(topics);
  const ranges = await loadRanges(connection, (one) => wanted.has(one), signal);
  const newest = await readNewest(
    connection,
    ranges,
    () => true,
    FIRST_STEP,
    signal,
  );
  const writers = new Map<string, string>();
  for (const record of newest) {
    const writer = headerOf(record, "sell.connector");
    if (writer !== null && writer !== connectorName)
      writers.set(record.topic, writer);
  }
  return writers;
}
