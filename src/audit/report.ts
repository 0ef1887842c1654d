import type { Router } from "../publish/topics/router.ts";
import { NO_TOPIC, recordAt } from "./addresses.ts";
import type { EndOffsets } from "./kafka-side.ts";
import type { Ledger } from "./ledger.ts";
import { findingKinds, type FindingKind } from "./ledger-entry.ts";
import type { SellAccount } from "./sell-side.ts";
import { tally, type Counts, type TypeTally } from "./tally.ts";

/** One record that differs between the two sides, or could not be compared. */
export interface Finding {
  readonly kind: FindingKind;
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
  /** The account, by its own record in Sell; null when Sell handed out none. */
  readonly account: SellAccount | null;
  /** Up to where each topic was read, the dead-letter topic too. */
  readonly topics: EndOffsets;
  readonly totals: Counts;
  readonly types: Readonly<Record<string, TypeTally>>;
  /** Up to ten other connectors that wrote records which differ. */
  readonly otherConnectors: readonly string[];
  /** Up to ten of each kind. */
  readonly examples: readonly Finding[];
}

const EXAMPLES = 10;

interface Compared {
  readonly ledger: Ledger;
  readonly router: Router;
}

/** Every finding, the worst kind first; within a kind ordered by topic and key. */
export function* findings(compared: Compared): Generator<Finding> {
  for (const kind of findingKinds) yield* findingsOf(kind, compared);
}

export function reportOf(
  compared: Compared,
  seen: {
    readonly isComplete: boolean;
    readonly problems: readonly string[];
    readonly sessions: number;
    readonly records: number;
    readonly account: SellAccount | null;
    readonly topics: EndOffsets;
  },
): AuditReport {
  const { totals, types } = tally(compared.ledger, compared.router);
  return {
    result: resultOf(totals, seen.isComplete),
    complete: seen.isComplete,
    problems: seen.problems,
    sessions: seen.sessions,
    recordsRead: seen.records,
    account: seen.account,
    topics: seen.topics,
    totals,
    types,
    otherConnectors: compared.ledger.otherConnectors(EXAMPLES),
    examples: findingKinds.flatMap((kind) => examplesOf(kind, compared)),
  };
}

function resultOf(
  { missing, different, gone, undecided }: Counts,
  isComplete: boolean,
): AuditReport["result"] {
  if (!isComplete) return "incomplete";
  if (missing + different + gone > 0) return "differences";
  return undecided > 0 ? "undecided" : "clean";
}

function examplesOf(kind: FindingKind, compared: Compared): Finding[] {
  const examples: Finding[] = [];
  for (const finding of findingsOf(kind, compared)) {
    examples.push(finding);
    if (examples.length === EXAMPLES) break;
  }
  return examples;
}

function* findingsOf(
  kind: FindingKind,
  { ledger, router }: Compared,
): Generator<Finding> {
  for (const found of ledger.findings(kind)) {
    const { topic, partition, offset, sellRevision, kafkaRevision } = found;
    yield {
      kind,
      ...recordAt(found, router),
      topic: topic === NO_TOPIC ? null : topic,
      partition,
      offset,
      sellRevision,
      kafkaRevision,
    };
  }
}
