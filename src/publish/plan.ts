import type { Change, Item } from "../domain/change.ts";
import type { Cause } from "../domain/cause.ts";
import { RecordFault, TypeFault } from "../domain/faults.ts";
import type { Fate, Outcome } from "../domain/settled.ts";
import type { Encoder } from "../format/encoder.ts";
import type { KafkaRecord } from "../kafka/write/kafka-writer.ts";
import { fingerprint, type Fingerprint } from "../lib/fingerprints.ts";
import {
  deadLetterRecord,
  type DeadLetterOptions,
} from "./dead-letter-records.ts";
import { keyFault } from "./topics/record-key.ts";
import { inOrderOfRevision } from "./revision-order.ts";
import type { History, RepeatedItem } from "./sink.ts";
import {
  toObstacle,
  type Obstacle,
  type TypeReadiness,
} from "./type-readiness.ts";
import { recordName, type PlannedWrite } from "./write-batches.ts";

export interface PlanOptions extends DeadLetterOptions {
  readonly encoder: Pick<Encoder, "encode">;
  readonly history: Pick<History, "entriesFor">;
}

/** What is known beside the items. */
export interface Knowledge {
  readonly types: ReadonlyMap<string, TypeReadiness>;
  /** The highest revision of a record that was written; null when none is known. */
  readonly revisionOf: (record: Fingerprint) => KnownRevision | null;
}

interface KnownRevision {
  readonly revision: number;
  /** Whether it was written in the session of the items. */
  readonly isOfThisSession: boolean;
}

/** What is to be written of a batch of items, in this order, and the fates that are certain without a write. */
export interface Plan {
  readonly writes: readonly PlannedWrite[];
  readonly outcomes: readonly Outcome[];
}

/**
 * Decides what becomes of each item: its record, a dead-letter record, or none. Pure, but for
 * the encoder's caches and the ids that the history gives to its entries.
 */
export function plan(
  items: readonly Item[],
  knowledge: Knowledge,
  options: PlanOptions,
): Plan {
  const writes: PlannedWrite[] = [];
  const outcomes: Outcome[] = [];
  const changes: Change[] = [];
  for (const item of items) {
    const fault = ownFault(item, options);
    if (fault !== null) writes.push(deadLetterWrite(item, fault, options));
    else if (item.kind === "change") changes.push(item);
  }
  for (const change of inOrderOfRevision(changes)) {
    const planned = planChange(change, knowledge, options);
    if ("records" in planned) writes.push(planned);
    else outcomes.push(planned);
  }
  return { writes, outcomes };
}

/** Types of the items that may become records. */
export function typesIn(
  items: readonly Item[],
  options: Pick<PlanOptions, "router">,
): Set<string> {
  const types = new Set<string>();
  for (const item of items)
    if (
      item.kind === "change" &&
      !types.has(item.type) &&
      ownFault(item, options) === null
    )
      types.add(item.type);
  return types;
}

const PUBLISHED: Fate = { kind: "published" };

function planChange(
  change: Change,
  { types, revisionOf }: Knowledge,
  options: PlanOptions,
): PlannedWrite | Outcome {
  const { history, router } = options;
  const readiness = types.get(change.type);
  if (readiness?.kind === "obstacle")
    return withoutRecord(change, readiness, options);
  const topic = readiness?.topic ?? router.topicFor(change.type);
  const name = recordName(change, topic);
  const print = fingerprint(name);
  const known = { item: change, topic, name, print };
  const fate = fateByRevision(change, revisionOf(print));
  if (fate?.kind === "superseded") {
    const entries = history.entriesFor(change, "superseded");
    if (entries.length > 0) return { ...known, fate, records: entries };
  }
  if (fate !== null) return { item: change, fate };
  const encoded = encodeRecords(change, topic, options);
  if (encoded.kind === "obstacle")
    return withoutRecord(change, encoded, options);
  return {
    ...known,
    fate: PUBLISHED,
    records: [...encoded.records, ...history.entriesFor(change, "published")],
  };
}

/** The records of a change with a legal key, in a topic that is ready, or what keeps them from being made. */
export function encodeRecords(
  change: Change,
  topic: string,
  {
    encoder,
    router,
    batchHeaders,
  }: Pick<PlanOptions, "encoder" | "router" | "batchHeaders">,
):
  | { readonly kind: "records"; readonly records: readonly KafkaRecord[] }
  | Obstacle {
  try {
    const key = router.keyFor(change.type, change.recordKey);
    const records: KafkaRecord[] = [];
    for (const { value, headers: own } of encoder.encode(change, topic)) {
      const headers =
        batchHeaders === undefined ? own : { ...own, ...batchHeaders() };
      records.push({ topic, key, value, headers });
    }
    return { kind: "records", records };
  } catch (error) {
    return toObstacle(error, "encode");
  }
}

/** A fault of the record makes a dead letter; a fault of its type leaves it to a later session. */
function withoutRecord(
  change: Change,
  { fault }: Obstacle,
  options: PlanOptions,
): PlannedWrite | Outcome {
  return fault instanceof RecordFault
    ? deadLetterWrite(change, fault, options)
    : deferred(change, fault);
}

/** The dead-letter record of an item that can't be a record, now or later. */
export function deadLetterWrite(
  item: Item,
  fault: RecordFault,
  options: Omit<PlanOptions, "encoder">,
): PlannedWrite {
  const { router, history, deadLetterTopic } = options;
  return {
    item,
    topic: deadLetterTopic,
    name:
      item.kind === "change"
        ? recordName(item, router.topicFor(item.type))
        : null,
    print: null,
    fate: { kind: "dead-lettered", stage: fault.stage, reason: fault.message },
    records: [
      deadLetterRecord(item, fault, options),
      ...history.entriesFor(item, "dead-lettered"),
    ],
  };
}

/** The dead-letter topic of the item can never exist. */
function illegalTopic(reason: string): Cause {
  return {
    code: "topic-illegal",
    reason,
    remedy: "set delivery.deadLetterTopic to another name",
  };
}

/** Left to a later session. */
export function deferred(item: Item, fault: TypeFault | RecordFault): Outcome {
  const why =
    fault instanceof TypeFault ? fault.why : illegalTopic(fault.message);
  return { item, fate: { kind: "deferred", why } };
}

/** Items that were settled before. One that repeats an item of the same batch is settled only if that one is. */
export function repeatedOutcomes(
  repeated: readonly RepeatedItem[],
  outcomes: readonly Outcome[],
): Outcome[] {
  if (repeated.length === 0) return [];
  const fates = new Map(outcomes.map(({ item, fate }) => [item, fate]));
  return repeated.map(({ item, first }) => {
    const fate = first === null ? undefined : fates.get(first);
    return {
      item,
      fate: fate?.kind === "deferred" ? fate : { kind: "duplicate" },
    };
  });
}

/** What keeps an item from being a record, whatever its topic; null when nothing does. */
function ownFault(
  item: Item,
  { router }: Pick<PlanOptions, "router">,
): RecordFault | null {
  return item.kind === "malformed"
    ? new RecordFault("decode", item.problem)
    : keyFault(router.keyFor(item.type, item.recordKey));
}

const OLDER_REVISION: Cause = {
  code: "older-revision",
  reason:
    "Sell sent an older revision of records than was published in an earlier session, or written without a confirmation",
  remedy:
    "nothing has to be done unless this lasts: Sell sends the newest revision later",
};

/** Deletes and equal revisions are always published; an older state never follows a newer one. */
function fateByRevision(
  { op, revision }: Change,
  known: KnownRevision | null,
): Fate | null {
  if (revision === null || op === "d") return null;
  if (known === null || known.revision <= revision) return null;
  return known.isOfThisSession
    ? { kind: "superseded" }
    : { kind: "deferred", why: OLDER_REVISION };
}
