import type { Item } from "../../domain/change.ts";
import {
  DeniedFault,
  FencedFault,
  UnavailableFault,
} from "../../domain/faults.ts";
import type { Sink } from "../../domain/ports.ts";
import { Settled, type Fate, type Outcome } from "../../domain/settled.ts";
import { errorTypeOf, reasonOf } from "../../kafka/client/errors.ts";
import type { Journal, ReadTail } from "./journal.ts";
import { untilAvailable, type PatienceOptions } from "../retrying-write.ts";
import type { Publisher } from "../publisher.ts";
import { deniedBy } from "../../kafka/auth/refused-access.ts";
import type { Repeated } from "./sort-items.ts";
import type { Topics } from "../topics.ts";
import type { TransactionalWriter } from "./transactional-writer.ts";
import { JOURNAL_TOPIC } from "../../lib/kafka-topics.ts";

export interface ExactlyOnceOptions extends Omit<PatienceOptions, "writer"> {
  readonly publisher: Publisher;
  readonly writer: TransactionalWriter;
  readonly journal: Journal;
  readonly topics: Pick<Topics, "prepare">;
  /** Asked when the journal holds nothing of this connector yet, before the first write. */
  readonly emptyJournal?: (signal: AbortSignal) => Promise<void>;
}

/**
 * Publishes each item once, as a read_committed consumer sees it: what the journal says was
 * settled is a duplicate, and everything else is written with its journal entry, or not at all.
 */
export class ExactlyOncePublisher implements Sink {
  readonly #options: ExactlyOnceOptions;
  #hasRecovered = false;

  constructor(options: ExactlyOnceOptions) {
    this.#options = options;
  }

  async recover(signal: AbortSignal): Promise<Settled | null> {
    if (this.#hasRecovered) return null;
    const { journal } = this.#options;
    await this.#open(signal);
    this.#hasRecovered = true;
    if (journal.isEmpty) await this.#options.emptyJournal?.(signal);
    const keys = journal.takeUnconfirmed();
    if (keys.length === 0) return null;
    const { seq } = journal;
    return Settled.journaled(keys, () => {
      journal.confirmed(seq);
    });
  }

  async ready(signal: AbortSignal): Promise<void> {
    const { hasForeign } = await this.#open(signal);
    if (hasForeign)
      throw new FencedFault(
        "another process has published under this name since the last drain",
      );
  }

  /** Owns the transactional id from then on, and answers what the journal held that was not known. */
  async #open(signal: AbortSignal): Promise<ReadTail> {
    const { topics, writer } = this.#options;
    const unprepared = await topics.prepare([JOURNAL_TOPIC], signal);
    const why = unprepared.get(JOURNAL_TOPIC);
    if (why !== undefined) throw new DeniedFault(why.message);
    const tail = await untilAvailable(
      this.#options,
      "publish",
      signal,
      async () => {
        try {
          return await writer.open(signal);
        } catch (cause) {
          signal.throwIfAborted();
          throw openingFault(cause);
        }
      },
    );
    if (tail instanceof Error) throw tail;
    return tail;
  }

  publish(items: readonly Item[], signal: AbortSignal): Promise<Settled> {
    const { journal } = this.#options;
    const { fresh, repeated } = journal.sort(items);
    const { seq } = journal;
    return Settled.once(
      this.#settle([...fresh.keys()], repeated, signal),
      () => {
        journal.confirmed(seq);
      },
    );
  }

  async #settle(
    fresh: readonly Item[],
    repeated: readonly Repeated[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const outcomes = await this.#options.publisher.settle(fresh, signal);
    if (repeated.length === 0) return outcomes;
    const fates = new Map(outcomes.map(({ item, fate }) => [item, fate]));
    for (const { item, first } of repeated)
      outcomes.push({ item, fate: fateOfRepeated(first, fates) });
    return outcomes;
  }
}

/** One that repeats an item of the same batch is settled only if that one is. */
function fateOfRepeated(
  first: Item | null,
  fates: ReadonlyMap<Item, Fate>,
): Fate {
  const fate = first === null ? undefined : fates.get(first);
  return fate?.kind === "deferred" ? fate : { kind: "duplicate" };
}

function openingFault(cause: unknown): Error {
  const denied = deniedBy(cause);
  if (denied !== null) return denied;
  if (errorTypeOf(cause)?.includes("AUTHORIZATION") === true)
    return new DeniedFault(
      `exactly-once delivery is denied: ${reasonOf(cause)}; allow the connector's principal Describe and Write on its transactional id, and Describe, Read and Write on ${JOURNAL_TOPIC}`,
      { cause },
    );
  return new UnavailableFault(`Kafka can't be reached: ${reasonOf(cause)}`, {
    cause,
  });
}
