import { RecordFault } from "../domain/faults.ts";
import type { Outcome } from "../domain/settled.ts";
import { deferred } from "./dead-letter-records.ts";
import { errorTypeOf, reasonOf } from "../kafka/client/errors.ts";
import { bytesOf, type Parcel } from "./write-batches.ts";
import {
  writePatiently,
  type PatienceOptions,
  type Refused,
} from "./retrying-write.ts";
import type { Topics } from "./topics.ts";

export interface ParcelWriterOptions extends PatienceOptions {
  readonly topics: Pick<Topics, "refused">;
  /** The parcel's records are durable. */
  readonly confirmed: (parcel: Parcel) => void;
  /** The parcel is deferred or given up, though some of its records may have been written. */
  readonly inDoubt: (parcel: Parcel) => void;
}

/** A leader that is not ready yet is no news at first. */
const QUIET_REFUSALS = 3;

/** A parcel that the brokers refuse alone, for what is in it. */
interface RefusedParcel {
  readonly parcel: Parcel;
  readonly fault: RecordFault;
}

/** What became of the parcels of one write. */
export interface Written {
  readonly outcomes: readonly Outcome[];
  readonly refused: readonly RefusedParcel[];
}

/** Writes parcels; what the brokers refuse is narrowed down to the parcels or topics at fault. */
export class ParcelWriter {
  readonly #options: ParcelWriterOptions;

  constructor(options: ParcelWriterOptions) {
    this.#options = options;
  }

  /** `refusals` counts those of a topic that was there after all. */
  async write(
    parcels: readonly Parcel[],
    signal: AbortSignal,
    refusals = 0,
  ): Promise<Written> {
    const error = await this.#attempt(parcels, signal);
    if (error === null) {
      for (const parcel of parcels) this.#options.confirmed(parcel);
      const outcomes = parcels.map(({ item, fate }) => ({ item, fate }));
      return { outcomes, refused: [] };
    }
    const { refusal, cause } = error;
    if (refusal === "topic")
      return this.#byTopic(parcels, cause, signal, refusals);
    const [first, second] = parcels;
    if (first !== undefined && second === undefined)
      return { outcomes: [], refused: [refusedAlone(first, cause)] };
    return this.#writeEach(halvesOf(parcels, cause), signal);
  }

  async #attempt(
    parcels: readonly Parcel[],
    signal: AbortSignal,
  ): Promise<Refused | null> {
    const records = parcels.flatMap((parcel) => parcel.records);
    try {
      return await writePatiently(this.#options, [records], signal);
    } catch (error) {
      for (const parcel of parcels) this.#options.inDoubt(parcel);
      throw error;
    }
  }

  async #byTopic(
    parcels: readonly Parcel[],
    cause: unknown,
    signal: AbortSignal,
    refusals: number,
  ): Promise<Written> {
    const groups = Map.groupBy(parcels, ({ topic }) => topic);
    if (groups.size > 1) return this.#writeEach([...groups.values()], signal);
    const { topics, retrying, inDoubt } = this.#options;
    const [topic = ""] = groups.keys();
    const fault = await topics.refused(topic, cause, signal);
    if (fault === null) {
      // A broker may not know yet of a topic that was just created.
      if (refusals >= QUIET_REFUSALS) retrying("publish", cause, refusals + 1);
      return this.write(parcels, signal, refusals + 1);
    }
    for (const parcel of parcels) inDoubt(parcel);
    const outcomes = parcels.map(({ item }) => deferred(item, fault));
    return { outcomes, refused: [] };
  }

  async #writeEach(
    groups: readonly (readonly Parcel[])[],
    signal: AbortSignal,
  ): Promise<Written> {
    const parts: Written[] = [];
    for (const group of groups) parts.push(await this.write(group, signal));
    return {
      outcomes: parts.flatMap(({ outcomes }) => outcomes),
      refused: parts.flatMap(({ refused }) => refused),
    };
  }
}

/**
 * Two halves: the smaller and the larger parcels when their size is refused and no two of them are
 * of one record, whose order must stay; else the first and the last ones.
 */
function halvesOf(
  parcels: readonly Parcel[],
  cause: unknown,
): [readonly Parcel[], readonly Parcel[]] {
  const middle = parcels.length >> 1;
  const names = parcels.flatMap(({ name }) => name ?? []);
  const isSortable =
    tooLarge.has(errorTypeOf(cause) ?? "") &&
    new Set(names).size === names.length;
  const sorted = isSortable
    ? parcels.toSorted((a, b) => bytesOf(a) - bytesOf(b))
    : parcels;
  return [sorted.slice(0, middle), sorted.slice(middle)];
}

const tooLarge = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);

function refusedAlone(parcel: Parcel, cause: unknown): RefusedParcel {
  const fault = new RecordFault(
    "publish",
    `the brokers refuse the record in ${parcel.topic}: ${reasonOf(cause)}`,
    { cause },
  );
  return { parcel, fault };
}
