import { RecordFault } from "../domain/faults.ts";
import type { WriteRefusal } from "./sink.ts";
import { bytesOf, type RecordGroup } from "./write-batches.ts";

/** What follows when a write is refused. */
export type NextStep<T extends RecordGroup> =
  /** Each part is written by itself: not all of them are at fault. */
  | { readonly kind: "split"; readonly parts: readonly (readonly T[])[] }
  /** One group alone is at fault. */
  | {
      readonly kind: "refused";
      readonly group: T;
      readonly fault: RecordFault;
    }
  /** The topic of all groups is at fault, if it is still not ready. */
  | { readonly kind: "topic"; readonly topic: string };

/** Narrows a refused write of at least one group down to the groups or topics at fault. */
export function afterRefusal<T extends RecordGroup>(
  groups: readonly T[],
  refusal: WriteRefusal,
): NextStep<T> {
  if (refusal.scope === "type") {
    const byTopic = Map.groupBy(groups, ({ topic }) => topic);
    const [topic = ""] = byTopic.keys();
    return byTopic.size > 1
      ? { kind: "split", parts: [...byTopic.values()] }
      : { kind: "topic", topic };
  }
  const [first, second] = groups;
  return first !== undefined && second === undefined
    ? { kind: "refused", group: first, fault: refusedAlone(first, refusal) }
    : { kind: "split", parts: halvesOf(groups, refusal) };
}

/**
 * Two halves: the smaller and the larger groups when their size is refused and no two of them are
 * of one record, whose order must stay; else the first and the last ones.
 */
function halvesOf<T extends RecordGroup>(
  groups: readonly T[],
  { isTooLarge }: WriteRefusal,
): readonly (readonly T[])[] {
  const middle = groups.length >> 1;
  const names = groups.flatMap(({ name }) => name ?? []);
  const isSortable = isTooLarge && new Set(names).size === names.length;
  const sorted = isSortable
    ? groups.toSorted((a, b) => bytesOf(a) - bytesOf(b))
    : groups;
  return [sorted.slice(0, middle), sorted.slice(middle)];
}

function refusedAlone(
  { topic }: RecordGroup,
  refusal: WriteRefusal,
): RecordFault {
  return new RecordFault(
    "publish",
    `the brokers refuse the record in ${topic}: ${refusal.reason}`,
    { cause: refusal.cause },
  );
}
