import type { Item } from "../../domain/change.ts";
import { fingerprint, fingerprintOfHash } from "../../lib/fingerprints.ts";
import type { RepeatedItem } from "../sink.ts";
import { hashOf, recordOf } from "./journal-entry.ts";
import type { SettledItem } from "./settled-memory.ts";

/** Tells an item from all others. */
export interface Identity {
  readonly md5: string;
  readonly settled: SettledItem;
}

/** New items, and those that were settled before. */
interface IdentifiedItems {
  /** Items with an ack key have an identity. */
  readonly fresh: ReadonlyMap<Item, Identity | null>;
  readonly repeated: readonly RepeatedItem[];
}

/**
 * Tells new items from those that were settled before, with the same ack key and data, unless
 * their record was deleted, or came back, since; also within the batch, which is written in the
 * order of revisions.
 */
export function separateRepeated(
  items: readonly Item[],
  isSettled: (item: SettledItem) => boolean,
): IdentifiedItems {
  const fresh = new Map<Item, Identity | null>();
  const repeated: RepeatedItem[] = [];
  const inBatch = new Map<string, Seen[]>();
  for (const item of items) {
    if (item.ackKey === null) {
      fresh.set(item, null);
      continue;
    }
    const key = item.kind === "change" ? item.recordKey : null;
    const record = recordOf(item.type, key);
    const identity = identityOf(item, record);
    const { md5, settled } = identity;
    const name = record ?? `\n${item.ackKey}`;
    const before = inBatch.get(name) ?? [];
    const like = before.findLastIndex((one) => one.md5 === md5);
    // Items of a batch are written in the order of revisions; what was settled before lies in Kafka already.
    const overtakes = like >= 0 ? isAsNew : isNotNewer;
    const isOvertaken = before
      .slice(like + 1)
      .some(
        (one) => one.isDelete !== settled.isDelete && overtakes(one.item, item),
      );
    if ((like >= 0 || isSettled(settled)) && !isOvertaken) {
      repeated.push({ item, first: before[like]?.item ?? null });
    } else {
      inBatch.set(name, [...before, { md5, isDelete: settled.isDelete, item }]);
      fresh.set(item, identity);
    }
  }
  return { fresh, repeated };
}

/** An item that the batch settles. */
interface Seen {
  readonly md5: string;
  readonly isDelete: boolean;
  readonly item: Item;
}

function identityOf(item: Item, record: string | null): Identity {
  const md5 = hashOf(item);
  const settled: SettledItem = {
    print: fingerprintOfHash(md5),
    record: record === null ? null : fingerprint(record),
    isDelete: item.kind === "change" && item.op === "d",
    revision: item.revision,
  };
  return { md5, settled };
}

/** Whether only the order in which Sell handed them out tells which one is the record's later state. */
function isAsNew({ revision: one }: Item, { revision: other }: Item): boolean {
  return one === null || other === null || one === other;
}

/** Not known to be of a higher revision than the other. */
function isNotNewer(one: Item, other: Item): boolean {
  const [revision, than] = [one.revision, other.revision];
  return revision === null || than === null || revision <= than;
}
