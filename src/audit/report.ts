import type { Router } from "../publish/topics/router.ts";
import { recordAt } from "./addresses.ts";
import type { Kind, Ledger } from "./ledger.ts";

/** How many records of one type, or of all types, were found in which state. */
export interface Counts {
  /** Records that Sell handed out, without deletions. */
  inSell: number;
  /** Records whose newest state in Kafka is not a deletion. */
  inKafka: number;
  agreed: number;
  /** In Sell, not in Kafka. */
  missing: number;
  /** In both with different contents: Kafka's record is stale, or somebody else changed it. */
  different: number;
  /** In Kafka, gone from Sell. */
  gone: number;
  /** Sell's state is not in the record's topic, but in a dead-letter record. */
  deadLettered: number;
  /** Changed in each session, so that they could not be compared. */
  undecided: number;
  /** Not handed out by Sell, in sessions that were not complete. */
  unjudged: number;
}

/** One record that differs between the two sides. */
interface Finding {
  readonly kind: Exclude<Kind, "agreed" | "unjudged">;
  readonly type: string;
  readonly id: string;
  /** Null for an item that belongs to no topic. */
  readonly topic: string | null;
  /** The partition of Kafka's newest record; null without one. */
  readonly partition: number | null;
  readonly offset: number | null;
  readonly sellRevision: string | null;
  readonly kafkaRevision: string | null;
}

export interface AuditReport {
  /** `clean` allows dead-letter records, if nothing else was found. */
  readonly result: "clean" | "differences" | "undecided" | "incomplete";
  /** Whether one session handed out all that Sell has. */
  readonly complete: boolean;
  /** Why sessions were not complete. */
  readonly problems: readonly string[];
  readonly sessions: number;
  /** Records that were read from Kafka, older states too. */
  readonly recordsRead: number;
  readonly totals: Counts;
  readonly types: Readonly<Record<string, Counts>>;
  /** Up to ten of each kind. */
  readonly examples: readonly Finding[];
}

const EXAMPLES = 10;
const kinds = [
  "missing",
  "different",
  "gone",
  "deadLettered",
  "undecided",
] as const;

export function reportOf(
  { ledger, router }: { readonly ledger: Ledger; readonly router: Router },
  seen: {
    readonly isComplete: boolean;
    readonly problems: readonly string[];
    readonly sessions: number;
    readonly records: number;
  },
): AuditReport {
  const totals = noCounts();
  const types = new Map<string, Counts>();
  for (const { topic, prefix, kind, ...numbers } of ledger.counts()) {
    const { type } = recordAt({ topic, key: `${prefix}:` }, router);
    const ofType = types.get(type) ?? noCounts();
    types.set(type, ofType);
    for (const counts of [totals, ofType]) {
      counts[kind] += numbers.count;
      counts.inSell += numbers.inSell;
      counts.inKafka += numbers.inKafka;
    }
  }
  const { missing, different, gone, undecided } = totals;
  return {
    result: !seen.isComplete
      ? "incomplete"
      : missing + different + gone > 0
        ? "differences"
        : undecided > 0
          ? "undecided"
          : "clean",
    complete: seen.isComplete,
    problems: seen.problems,
    sessions: seen.sessions,
    recordsRead: seen.records,
    totals,
    types: Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1))),
    examples: kinds.flatMap((kind) =>
      ledger.examples(kind, EXAMPLES).map((example): Finding => {
        const { topic, partition, offset } = example;
        const { sellRevision, kafkaRevision } = example;
        return {
          kind,
          ...recordAt(example, router),
          topic: topic === "" ? null : topic,
          partition,
          offset,
          sellRevision,
          kafkaRevision,
        };
      }),
    ),
  };
}

function noCounts(): Counts {
  return {
    inSell: 0,
    inKafka: 0,
    agreed: 0,
    missing: 0,
    different: 0,
    gone: 0,
    deadLettered: 0,
    undecided: 0,
    unjudged: 0,
  };
}
