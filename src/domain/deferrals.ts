import { causeSentence, type Cause } from "./cause.ts";
import type { Outcome } from "./settled.ts";

/** Items that wait for one cause. */
export interface Deferral {
  /** The same for causes that are told as one. */
  readonly key: string;
  /** As it was found for the first of the types, or for the one whose topic needs the highest limit. */
  readonly why: Cause;
  readonly items: number;
  /** The first hundred types, and `other` for the rest. */
  readonly itemsByType: ReadonlyMap<string, number>;
  /** Topics or subjects, at most a hundred. */
  readonly subjects: ReadonlySet<string>;
}

interface Group extends Deferral {
  why: Cause;
  items: number;
  readonly itemsByType: Map<string, number>;
  readonly subjects: Set<string>;
}

/** Above this number, causes are told apart by their code only. */
const MOST_CAUSES = 20;
const MOST_NAMES = 100;
const LONGEST_NAME = 100;
const LONGEST_REASON = 1_000;

/**
 * The deferred items by their cause, in bounded memory: Sell may name any number of types, and
 * servers may give any number of reasons.
 */
export class Deferrals {
  readonly #groups = new Map<string, Group>();

  settled(outcomes: readonly Outcome[]): void {
    for (const { item, fate } of outcomes)
      if (fate.kind === "deferred") this.add(item.type, fate.why);
  }

  add(type: string | null, why: Cause): void {
    const group = this.#groupOf(why);
    const { itemsByType, subjects } = group;
    const name = (type ?? "unknown").slice(0, LONGEST_NAME);
    const known =
      itemsByType.has(name) || itemsByType.size < MOST_NAMES ? name : "other";
    itemsByType.set(known, (itemsByType.get(known) ?? 0) + 1);
    group.items++;
    if ((why.neededBytes ?? 0) > (group.why.neededBytes ?? 0))
      group.why = withShortReason(why);
    if (why.subject !== undefined && subjects.size < MOST_NAMES)
      subjects.add(why.subject);
  }

  /** In the order in which the causes were found. */
  list(): readonly Deferral[] {
    return [...this.#groups.values()];
  }

  #groupOf(why: Cause): Group {
    const { code, variant = "" } = why;
    const own = `${code} ${variant}`;
    const key =
      this.#groups.has(own) || this.#groups.size < MOST_CAUSES ? own : code;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = {
        key,
        why: withShortReason(why),
        items: 0,
        itemsByType: new Map(),
        subjects: new Set(),
      };
      this.#groups.set(key, group);
    }
    return group;
  }
}

function withShortReason(why: Cause): Cause {
  return { ...why, reason: why.reason.slice(0, LONGEST_REASON) };
}

const SHOWN_SUBJECTS = 5;

/** Returns the cause in words for the number of topics or subjects that it concerns. */
export function causeOf({ why, subjects }: Deferral): Cause {
  return subjects.size > 1 ? { ...why, ...why.ofMany } : why;
}

/** Says a cause about all topics or subjects that it concerns. */
export function deferralSentence(deferral: Deferral): string {
  const { subjects } = deferral;
  const why = causeOf(deferral);
  if (subjects.size === 0) return causeSentence(why);
  const shown = [...subjects].slice(0, SHOWN_SUBJECTS).join(", ");
  const more = subjects.size - SHOWN_SUBJECTS;
  const subject = more > 0 ? `${shown} and ${more} more` : shown;
  return causeSentence({ ...why, subject });
}
