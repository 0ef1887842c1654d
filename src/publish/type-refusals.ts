import { TypeFault } from "../domain/faults.ts";
import type { WriteRefusal } from "./sink.ts";
import { bytesOf, type RecordGroup } from "./write-batches.ts";

/** What the brokers did with the records of a type in this session. */
interface Tally {
  accepted: number;
  refused: number;
  readonly refusedByCode: Map<string, number>;
}

/** A type whose records wait until its topic takes them, and what was tried of it in this session. */
interface HeldType {
  readonly code: string;
  /** Of the largest record that was refused. */
  bytes: number;
  fault: TypeFault;
  accepted: number;
  refused: number;
  /** Records to defer before the next one is tried. */
  toDefer: number;
  hasDeferred: boolean;
}

const MOST_REFUSED = 100;
/** The most accepted records, for one that is accepted among ten, at which the topic is at fault. */
const ACCEPTED_SHARE = 0.1;
/** Accepted records outnumber refused ones by so many before all are written again. */
const ENOUGH_ACCEPTED = 5;
/** Sell may invent any number of types; those beyond are not counted. */
const MOST_TYPES = 1_000;
const MIB = 1024 * 1024;

/**
 * Tells a fault of a topic from faults of records, by how many records of a type the brokers refuse
 * for one cause in a session. A type whose topic is at fault is held: the rest of it is deferred.
 *
 * Each later session tries records of a held type, fewer with each one that is refused: the first,
 * then every third, then every fifth, and so on. What is refused then is deferred too. So a topic
 * that is not corrected costs a few writes and no dead letters, and one bad record hides no others.
 */
export class TypeRefusals {
  readonly #most: number;
  readonly #tallies = new Map<string, Tally>();
  readonly #held = new Map<string, HeldType>();

  /** `most` is how many records of a type are refused for one cause before the cause is the topic's. */
  constructor(most = MOST_REFUSED) {
    this.#most = most;
  }

  /** Counts begin anew, and held types are tried again. A type of which nothing was refused or deferred is held no longer. */
  sessionStarted(): void {
    this.#tallies.clear();
    for (const [type, held] of this.#held) {
      const { accepted, refused, hasDeferred } = held;
      if (accepted > 0 && refused === 0 && !hasDeferred)
        this.#held.delete(type);
      else Object.assign(held, NOTHING_TRIED);
    }
  }

  isHeld(type: string | null): boolean {
    return type !== null && this.#held.has(type);
  }

  /** Why the next record of a type is deferred; null when it is to be written. */
  deferral(type: string): TypeFault | null {
    const held = this.#held.get(type);
    if (held === undefined || held.toDefer === 0) return null;
    held.toDefer--;
    held.hasDeferred = true;
    return held.fault;
  }

  /** A record of the type was written to its topic. */
  accepted(type: string): void {
    const tally = this.#tallyOf(type);
    if (tally !== null) tally.accepted++;
    const held = this.#held.get(type);
    if (held === undefined) return;
    held.accepted++;
    if (held.accepted - held.refused < ENOUGH_ACCEPTED) return;
    this.#held.delete(type);
    this.#tallies.delete(type);
  }

  /** A record was refused alone. Returns why it is deferred; null when it becomes a dead letter. */
  refused(
    type: string,
    group: RecordGroup,
    refusal: WriteRefusal,
  ): TypeFault | null {
    const { code } = refusal;
    const held = this.#held.get(type);
    if (held?.code === code) {
      held.refused++;
      held.toDefer = 2 ** held.refused;
      if (bytesOf(group) > held.bytes) {
        held.bytes = bytesOf(group);
        held.fault = faultOf(group, refusal);
      }
      return held.fault;
    }
    const tally = this.#tallyOf(type);
    if (tally === null) return null;
    const count = (tally.refusedByCode.get(code) ?? 0) + 1;
    tally.refusedByCode.set(code, count);
    tally.refused++;
    const share = tally.accepted / (tally.accepted + tally.refused);
    if (held === undefined && count >= this.#most && share < ACCEPTED_SHARE)
      this.#held.set(type, {
        ...NOTHING_TRIED,
        code,
        bytes: bytesOf(group),
        fault: faultOf(group, refusal),
        toDefer: Infinity,
      });
    return null;
  }

  /** Null when there are too many types. */
  #tallyOf(type: string): Tally | null {
    const known = this.#tallies.get(type);
    if (known !== undefined) return known;
    if (this.#tallies.size >= MOST_TYPES) return null;
    const tally: Tally = { accepted: 0, refused: 0, refusedByCode: new Map() };
    this.#tallies.set(type, tally);
    return tally;
  }
}

function faultOf(
  { topic, records }: RecordGroup,
  { code, reason, isTooLarge, cause }: WriteRefusal,
): TypeFault {
  const neededBytes = (Math.ceil(bytesOf({ records }) / MIB) + 1) * MIB;
  return new TypeFault(
    {
      code: "records-refused",
      variant: code,
      reason: `the topic refuses nearly every record: ${reason}`,
      remedy: isTooLarge
        ? `raise max.message.bytes of the topic to ${neededBytes} or more`
        : "look at what the topic demands of records",
      ofMany: {
        reason: `the topics refuse nearly every record: ${reason}`,
        remedy: isTooLarge
          ? `raise max.message.bytes of each of these topics to ${neededBytes} or more`
          : "look at what these topics demand of records",
      },
      subject: topic,
      ...(isTooLarge && { neededBytes }),
    },
    { cause },
  );
}

const NOTHING_TRIED = {
  accepted: 0,
  refused: 0,
  toDefer: 0,
  hasDeferred: false,
} as const;
