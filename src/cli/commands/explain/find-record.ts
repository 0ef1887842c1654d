import type { AppContext } from "../../../app/context/app-context.ts";
import { RecordFault } from "../../../domain/faults.ts";
import { typesWithSchema } from "../../../format/schema-files.ts";
import { withAdmin } from "../../../kafka/client/connection.ts";
import { partitionOf } from "../../../kafka/client/partition-of.ts";
import type {
  StoredRecord,
  WholeRange,
} from "../../../kafka/read/partition-reader.ts";
import { readNewest } from "../../../kafka/read/read-newest.ts";
import { loadRanges } from "../../../kafka/read/read-ranges.ts";
import { nearTypes } from "./near-types.ts";

/** How many offsets the search for a key reads first. */
const FIRST_STEP = 10_000n;
const MOST_TYPES = 40;

export interface RecordName {
  readonly type: string;
  readonly id: string;
}

/** Where a record was looked for, and its newest state there or why there is none. */
export type Found =
  | {
      readonly record: StoredRecord;
      readonly ranges: readonly WholeRange[];
    }
  | {
      readonly record: null;
      /** The partitions of the type's topic; empty without a topic. */
      readonly ranges: readonly WholeRange[];
      readonly problem: string;
      /** The likely fate of the record, unless a dead letter tells it; null without a topic. */
      readonly guess: string | null;
      /** Types that may have been meant. */
      readonly suggestions: readonly string[];
    };

/** Searches the newest record of a key: where this connector writes it, and then in all other partitions. */
export async function findRecord(
  app: AppContext,
  { type, id }: RecordName,
  signal: AbortSignal,
): Promise<Found> {
  const { router } = app;
  let topic: string;
  try {
    topic = router.legalTopic(type);
  } catch (error) {
    if (!(error instanceof RecordFault)) throw error;
    const { suggestions } = await otherTypes(app, type, signal);
    const { message: problem } = error;
    return { record: null, ranges: [], problem, guess: null, suggestions };
  }
  const ranges = await loadRanges(app, (name) => name === topic, signal);
  if (ranges.length === 0) {
    const { types, suggestions } = await otherTypes(app, type, signal);
    const problem = `there is no topic ${topic}; ${listOf(types)}`;
    return { record: null, ranges, problem, guess: null, suggestions };
  }
  const key = router.keyFor(type, id);
  const own = partitionOf(key, ranges.length);
  const search = async (among: readonly WholeRange[]) =>
    readNewest(app, among, (one) => one.key === key, FIRST_STEP, signal);
  const [first] = await search(
    ranges.filter(({ partition }) => partition === own),
  );
  // Other programs choose other partitions, and so did this one before partitions were added.
  const [record] =
    first === undefined
      ? (
          await search(ranges.filter(({ partition }) => partition !== own))
        ).sort((a, b) => b.timestampMs - a.timestampMs)
      : [first];
  if (record !== undefined) return { record, ranges };
  const problem = `no record in ${topic} has the key ${key}`;
  const guess =
    "Sell may not have handed it out yet, or compaction has removed it after its deletion";
  const suggestions =
    router.hasTopicPerType || typesWithSchema().includes(type)
      ? []
      : nearTypes(type, typesWithSchema());
  return { record: null, ranges, problem, guess, suggestions };
}

/** The types that have a topic, and those that may have been meant. */
async function otherTypes(
  { kafka, router }: AppContext,
  type: string,
  signal: AbortSignal,
): Promise<{ types: readonly string[]; suggestions: readonly string[] }> {
  const existing = await withAdmin(kafka, signal, (admin) =>
    admin.listTopics(),
  );
  const types = existing
    .flatMap((one) => router.parse(one, "")?.type || [])
    .sort();
  const known = [...new Set([...types, ...typesWithSchema()])];
  return {
    types,
    suggestions: known.includes(type) ? [] : nearTypes(type, known),
  };
}

function listOf(types: readonly string[]): string {
  if (types.length === 0) return "nothing was published yet";
  const more = types.length - MOST_TYPES;
  const shown = types.slice(0, MOST_TYPES).join(", ");
  return `the types that have one are ${shown}${more > 0 ? ` and ${more} more` : ""}`;
}
