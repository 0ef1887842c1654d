import { errorTypeOf, reasonOf, refusalOf } from "../kafka/client/errors.ts";
import type { KafkaRecord } from "../kafka/write/producer.ts";
import type { Router } from "../publish/router.ts";
import {
  isFencing,
  type TransactionalProducer,
} from "../kafka/write/transactional-producer.ts";
import { Backoff } from "../lib/backoff.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import {
  DeniedFault,
  FencedFault,
  UnavailableFault,
} from "../domain/faults.ts";
import {
  latestStates,
  nameOf,
  stateAfter,
  supersededBy,
  type LatestState,
} from "./latest-states.ts";
import type { Letter } from "./letter.ts";
import { readLetters, type DeadLetterTopic, type Listing } from "./listing.ts";
import { Load, type Parcel } from "./load.ts";
import { markOf } from "./mark.ts";
import {
  recordsOf,
  reissueOf,
  StillDead,
  type EncodingOptions,
  type Reissue,
} from "./reissue.ts";

export interface ReplayOptions extends DeadLetterTopic, EncodingOptions {
  readonly router: Router;
  /** Null publishes nothing: a dry run. */
  readonly producer: Pick<
    TransactionalProducer,
    "open" | "commit" | "isOpen"
  > | null;
  readonly isSelected: (letter: Letter) => boolean;
  /** Told of each letter as it is settled. */
  readonly settled: (outcome: LetterOutcome) => void | Promise<void>;
}

/** What became of one letter. */
export type LetterOutcome = { readonly letter: Letter } & (
  | { readonly fate: "replayed"; readonly topic: string; readonly key: string }
  | { readonly fate: "skipped"; readonly reason: string }
  | { readonly fate: "failed"; readonly stage: string; readonly reason: string }
);

const MAX_HELD_BYTES = 64 * 1024 * 1024;
const FRUITLESS_ATTEMPTS = 5;

/**
 * Publishes letters anew, each in one transaction with the mark that says so; a letter that has
 * a mark is never published again. Whenever the end of a transaction is not known, a new producer
 * ends it first, and the marks are read anew before anything else is published.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #settled = new Set<string>();
  /** Letters of a transaction whose end is not known. */
  #begun: readonly Parcel[] = [];

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /**
   * True once every selected letter is settled, false when `stopping` was aborted before. Rejects
   * with an UnavailableFault when servers stay away, or a DeniedFault.
   */
  async run({ stopping, givingUp }: Signals): Promise<boolean> {
    const backoff = new Backoff(this.#options.clock);
    let fenced = 0;
    while (!stopping.aborted) {
      const before = this.#settled.size;
      try {
        if (await this.#pass(stopping, givingUp)) return true;
        backoff.succeeded();
      } catch (error) {
        givingUp.throwIfAborted();
        if (isAborted(stopping)) return false;
        if (error instanceof FencedFault && ++fenced > 1)
          throw new DeniedFault(
            `another replay of this connector is running, or its transactions take too long: ${error.message}`,
            { cause: error },
          );
        const canPass =
          error instanceof FencedFault || error instanceof UnavailableFault;
        if (!canPass) throw error;
        if (this.#settled.size > before) backoff.succeeded();
        if (backoff.failures + 1 >= FRUITLESS_ATTEMPTS) throw error;
        await backoff.failed(stopping).catch(() => undefined);
      }
    }
    return false;
  }

  /** Reads the letters, and publishes those that are left. False when there were too many for one pass. */
  async #pass(stopping: AbortSignal, givingUp: AbortSignal): Promise<boolean> {
    const signal = AbortSignal.any([stopping, givingUp]);
    const { producer } = this.#options;
    await available(async () => producer?.open(signal));
    const keeping = {
      wants: (letter: Letter) =>
        this.#options.isSelected(letter) && !this.#settled.has(letter.id),
      maxBytes: MAX_HELD_BYTES,
      replayed: false,
    };
    const listing = await readLetters(this.#options, signal, keeping);
    await this.#recall(listing);
    const reissues = await this.#reissues(listing);
    const latest = await latestStates(this.#options, reissues, signal);
    let load = new Load();
    const publish = async () => {
      // What was begun may end, even when a stop was asked for.
      for (const reissue of await this.#publish(load.parcels, givingUp))
        latest.set(nameOf(reissue), stateAfter(reissue));
      load = new Load();
    };
    for (const reissue of reissues) {
      // Whether it is still the newest shows once what was before it is published.
      if (load.holds(reissue)) await publish();
      signal.throwIfAborted();
      const parcel = await this.#parcel(reissue, latest, signal);
      if (parcel === null) continue;
      if (!load.hasRoomFor(parcel)) await publish();
      load.add(parcel);
    }
    await publish();
    return !listing.isCut;
  }

  /** Takes note of what is replayed already: by others, or in a transaction that did end well. */
  async #recall({ letters }: Listing): Promise<void> {
    for (const { id, state } of letters) {
      if (state !== "replayed" || this.#settled.has(id)) continue;
      const own = this.#begun.find(({ reissue }) => reissue.letter.id === id);
      if (own === undefined) this.#settled.add(id);
      else await this.#tell(own);
    }
    this.#begun = [];
  }

  async #reissues({ letters, items }: Listing): Promise<Reissue[]> {
    const reissues: Reissue[] = [];
    for (const letter of letters) {
      const item = items.get(letter.id);
      if (item === undefined) continue;
      try {
        reissues.push(reissueOf(letter, item, this.#options.router));
      } catch (error) {
        await this.#fail(letter, error);
      }
    }
    return reissues.sort(byPosition);
  }

  async #parcel(
    reissue: Reissue,
    latest: ReadonlyMap<string, LatestState>,
    signal: AbortSignal,
  ): Promise<Parcel | null> {
    const { letter, change } = reissue;
    const reason = supersededBy(latest.get(nameOf(reissue)), change, letter);
    if (reason !== null) {
      await this.#settle({ letter, fate: "skipped", reason });
      return null;
    }
    try {
      const records = await recordsOf(reissue, this.#options, signal);
      return { reissue, records };
    } catch (error) {
      await this.#fail(letter, error);
      return null;
    }
  }

  /** One transaction; when the brokers refuse a record or topic, one for each letter. Answers what was published. */
  async #publish(
    parcels: readonly Parcel[],
    signal: AbortSignal,
  ): Promise<Reissue[]> {
    const { clock, deadLetterTopic } = this.#options;
    const [first, second] = parcels;
    if (first === undefined) return [];
    const nowMs = clock.epochMs();
    const records = parcels.flatMap(({ reissue, records: own }) => [
      ...own,
      markOf(reissue.letter, deadLetterTopic, reissue.topic, nowMs),
    ]);
    this.#begun = parcels;
    try {
      await available(() => this.#commit(records, nowMs, signal));
    } catch (error) {
      if (!(error instanceof StillDead)) throw error;
      if (second === undefined) {
        await this.#fail(first.reissue.letter, error);
        return [];
      }
      const published: Reissue[] = [];
      for (const one of parcels)
        published.push(...(await this.#publish([one], signal)));
      return published;
    }
    for (const parcel of parcels) await this.#tell(parcel);
    this.#begun = [];
    return parcels.map(({ reissue }) => reissue);
  }

  async #commit(
    records: readonly KafkaRecord[],
    timestampMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { producer } = this.#options;
    if (producer?.isOpen === false) await producer.open(signal);
    await producer?.commit([records], timestampMs, signal);
  }

  async #tell({ reissue: { letter, topic, key } }: Parcel): Promise<void> {
    await this.#settle({ letter, fate: "replayed", topic, key });
  }

  async #fail(letter: Letter, error: unknown): Promise<void> {
    if (!(error instanceof StillDead)) throw error;
    const { stage, message: reason } = error;
    await this.#settle({ letter, fate: "failed", stage, reason });
  }

  async #settle(outcome: LetterOutcome): Promise<void> {
    this.#settled.add(outcome.letter.id);
    await this.#options.settled(outcome);
  }
}

/** Sorts what a transaction failed of: a StillDead when the brokers refuse what is in it, else something that passes. */
async function available<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    if (
      cause instanceof UnavailableFault ||
      cause instanceof FencedFault ||
      cause instanceof DeniedFault
    )
      throw cause;
    if (isFencing(cause)) throw new FencedFault(reasonOf(cause), { cause });
    if (errorTypeOf(cause) === "TRANSACTIONAL_ID_AUTHORIZATION_FAILED")
      throw new DeniedFault(
        "the brokers deny the transactional id sell-kafka.<name>.replay; allow the connector's principal Write and Describe on it",
        { cause },
      );
    if (refusalOf(cause) !== "unavailable")
      throw new StillDead(
        "publish",
        `the brokers refuse it: ${reasonOf(cause)}`,
      );
    throw new UnavailableFault(`Kafka does not confirm: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function byPosition({ letter: a }: Reissue, { letter: b }: Reissue): number {
  if (a.partition !== b.partition) return a.partition - b.partition;
  return a.offset < b.offset ? -1 : 1;
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
