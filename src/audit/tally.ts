import { createHash } from "node:crypto";
import type { Router } from "../publish/topics/router.ts";
import { NO_TOPIC, recordAt } from "./addresses.ts";
import type { Ledger } from "./ledger.ts";
import type { Entry } from "./ledger-entry.ts";

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
  notSeen: number;
}

/** The digests of a type, one for each side: equal for equal ids and contents. */
interface Digests {
  readonly sell: string;
  readonly kafka: string;
}

export type TypeTally = Counts & { readonly digest: Digests };

export interface Tally {
  readonly totals: Counts;
  /** In the order of the types' names. */
  readonly types: Readonly<Record<string, TypeTally>>;
}

/** Counts and digests of all that the ledger holds. */
export function tally(ledger: Ledger, router: Router): Tally {
  const totals = noCounts();
  const types = new Map<string, TypeCounter>();
  for (const entry of ledger.entries()) {
    const { type, id } = recordAt(entry, router);
    const ofType = types.get(type) ?? new TypeCounter();
    types.set(type, ofType);
    count(totals, entry);
    count(ofType.counts, entry);
    // Items without a topic are no records: they have no id of their own.
    if (entry.topic === NO_TOPIC) continue;
    ofType.sell.add(id, entry.sellDigest);
    ofType.kafka.add(id, entry.kafkaDigest);
  }
  const sorted = [...types].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = sorted.map(([type, { counts, sell, kafka }]) => {
    const digest = { sell: sell.end(), kafka: kafka.end() };
    return [type, { ...counts, digest }] as const;
  });
  return { totals, types: Object.fromEntries(shown) };
}

class TypeCounter {
  readonly counts = noCounts();
  readonly sell = new SideDigest();
  readonly kafka = new SideDigest();
}

/**
 * The SHA-256 of a line `["ID","CONTENT"]` for each live record, in the order of the ids' bytes.
 * CONTENT is the start of the SHA-256 of the record's canonical text. Revisions are left out: Sell
 * counts them for each device, so those of an audit differ from the connector's.
 */
class SideDigest {
  readonly #hash = createHash("sha256");

  /** Takes the next record; `content` is null for one that is not live. */
  add(id: string, content: string | null): void {
    if (content !== null)
      this.#hash.update(`${JSON.stringify([id, content])}\n`);
  }

  end(): string {
    return this.#hash.digest("hex");
  }
}

function count(counts: Counts, entry: Entry): void {
  counts[entry.kind]++;
  if (entry.sellDigest !== null) counts.inSell++;
  if (entry.kafkaDigest !== null) counts.inKafka++;
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
    notSeen: 0,
  };
}
