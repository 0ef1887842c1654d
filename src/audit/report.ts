import type { Router } from "../publish/router.ts";
import { recordAt } from "./addresses.ts";
import type { Kind, Ledger } from "./ledger.ts";

/** How records of one type, or all of them, were judged. */
export interface Counts {
  /** Records that Sell handed out, without deletions. */
  inSell: number;
  /** Records whose newest state in Kafka is no deletion. */
  inKafka: number;
  agreed: number;
  /** In Sell, not in Kafka. */
  missing: number;
  /** In both, with different contents: Kafka's is stale, or was changed. */
  different: number;
  /** In Kafka, gone from Sell. */
  gone: number;
  /** Not in Kafka as Sell has it now, but as a dead letter. */
  deadLettered: number;
  /** They went on changing while they were looked at. */
  undecided: number;
  /** Never handed out, in sessions that were not complete. */
  unjudged: number;
}

/** One record that is not as it should be. */
interface Finding {
  readonly kind: Exclude<Kind, "agreed" | "unjudged">;
  readonly type: string;
  readonly id: string;
  /** Null for an item that belongs to no topic. */
  readonly topic: string | null;
  /** Where Kafka's newest record of it lies; null when there is none. */
  readonly partition: number | null;
  readonly offset: number | null;
  readonly sellRevision: string | null;
  readonly kafkaRevision: string | null;
}

export interface AuditReport {
  /** `clean` also with dead letters, if nothing else was found. */
  readonly result: "clean" | "differences" | "undecided" | "incomplete";
  /** Whether one session handed out all that Sell has. */
  readonly complete: boolean;
  /** What kept sessions from being complete. */
  readonly problems: readonly string[];
  readonly sessions: number;
  /** Records of Kafka that were read, older states too. */
  readonly recordsRead: number;
  readonly totals: Counts;
  readonly types: Readonly<Record<string, Counts>>;
  /** The first of each kind. */
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
