import { DeniedFault, FencedFault, isRetryable } from "../domain/faults.ts";
import type { StoredRecord } from "../kafka/read/partition-reader.ts";
import type { TransactionalProducer } from "../kafka/write/transactional-producer.ts";
import { retry } from "../lib/retry.ts";
import { Semaphore } from "../lib/semaphore.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { overviewOf } from "./dead-letter-groups.ts";
import type { DeadLetterIndex } from "./dead-letter-index.ts";
import {
  readDeadLetterTopic,
  type DeadLetterListing,
  type DeadLetterTopic,
} from "./dead-letter-listing.ts";
import { DeadLetterReader } from "./dead-letter-reader.ts";
import { dismissalMarker, type Dismissal } from "./markers.ts";
import { toTransactionRefusal } from "./transaction-refusal.ts";

export interface DismissingOptions extends DeadLetterTopic {
  /** Null writes nothing: a dry run. */
  readonly producer: Pick<TransactionalProducer, "open" | "commit"> | null;
  readonly isSelected: (deadLetter: DeadLetter) => boolean;
  readonly dismissal: Dismissal;
  /** Called for each dead letter as it is dismissed. */
  readonly dismissed: (deadLetter: DeadLetter) => void | Promise<void>;
}

/** Ends the reading, which would repeat one partition after a failure that may be retried. */
class MarkingFailed extends Error {
  override readonly name = "MarkingFailed";
}

const MAX_PER_TRANSACTION = 500;
const MAX_FAILURES = 5;

/**
 * Marks the selected dead letters that wait as dismissed, some in each transaction. It shares the
 * transactional id of the replay: each ends what the other has begun before it reads the markers,
 * so that no dead letter is both published and dismissed by them.
 */
export class Dismissing {
  /** Of the selected ones, how many were replayed or dismissed before. */
  settledBefore: DeadLetterListing["settled"] = { replayed: 0, dismissed: 0 };
  readonly #options: DismissingOptions;
  readonly #told = new Set<string>();
  /** Those of a transaction whose end is not known. */
  #begun: readonly DeadLetter[] = [];
  #fencings = 0;

  constructor(options: DismissingOptions) {
    this.#options = options;
  }

  /**
   * True once every selected dead letter is settled, false when `stopping` was aborted before.
   * Rejects with an UnavailableFault when Kafka stays away, or with a DeniedFault.
   */
  async run({ stopping, givingUp }: Signals): Promise<boolean> {
    const attempt = async (progressed: () => void) => {
      const before = this.#told.size;
      try {
        await this.#attempt({ stopping, givingUp });
      } catch (error) {
        if (this.#told.size > before) progressed();
        throw this.#rivalFault(error) ?? error;
      }
    };
    const policy = {
      clock: this.#options.clock,
      isRetryable: (error: unknown) =>
        error instanceof FencedFault || isRetryable(error),
      maxFailures: MAX_FAILURES,
    };
    try {
      await retry(attempt, policy, AbortSignal.any([stopping, givingUp]));
      return true;
    } catch (error) {
      givingUp.throwIfAborted();
      if (stopping.aborted) return false;
      throw error;
    }
  }

  /** Learns what waits, then reads again and marks it, since a topic may hold more than memory does. */
  async #attempt({ stopping, givingUp }: Signals): Promise<void> {
    const { producer, isSelected } = this.#options;
    const signal = AbortSignal.any([stopping, givingUp]);
    await refused(producer?.open(signal));
    const { index, counts } = await overviewOf(
      this.#options,
      isSelected,
      signal,
    );
    await this.#tellBegun(index);
    this.settledBefore = {
      replayed: counts.replayed,
      dismissed: counts.dismissed - this.#told.size,
    };
    let batch: DeadLetter[] = [];
    const mark = async () => {
      signal.throwIfAborted();
      const full = batch;
      batch = [];
      // What was begun may end, even when a stop was asked for.
      await this.#mark(full, givingUp);
    };
    const reader = new DeadLetterReader(
      {
        arrived: (one) => {
          if (isSelected(one) && index.settlementOf(one.id) === "waiting")
            batch.push(one);
        },
        replayed: () => undefined,
        dismissed: () => undefined,
      },
      { joinsItems: false },
    );
    const oneByOne = new Semaphore(1);
    let broken: MarkingFailed | null = null;
    const take = async (records: readonly StoredRecord[]) => {
      if (broken !== null) throw broken;
      try {
        for (const record of records) {
          reader.read(record);
          if (batch.length >= MAX_PER_TRANSACTION) await mark();
        }
      } catch (cause) {
        broken = new MarkingFailed("markers were not written", { cause });
        throw broken;
      }
    };
    await readDeadLetterTopic(
      this.#options,
      (records) => oneByOne.run(() => take(records), signal),
      signal,
    ).catch((error: unknown) => {
      throw error instanceof MarkingFailed ? error.cause : error;
    });
    if (batch.length > 0) await mark();
  }

  async #mark(
    deadLetters: readonly DeadLetter[],
    givingUp: AbortSignal,
  ): Promise<void> {
    const { producer, clock, deadLetterTopic, dismissal } = this.#options;
    const markers = deadLetters.map((one) =>
      dismissalMarker(one, deadLetterTopic, dismissal),
    );
    this.#begun = deadLetters;
    await refused(producer?.commit([markers], clock.epochMs(), givingUp));
    await this.#tell(deadLetters);
    this.#begun = [];
  }

  /** A transaction without an answer may have been committed. */
  async #tellBegun(index: DeadLetterIndex): Promise<void> {
    const begun = this.#begun;
    this.#begun = [];
    await this.#tell(
      begun.filter(({ id }) => index.settlementOf(id) === "dismissed"),
    );
  }

  async #tell(deadLetters: readonly DeadLetter[]): Promise<void> {
    for (const deadLetter of deadLetters) {
      this.#told.add(deadLetter.id);
      await this.#options.dismissed(deadLetter);
    }
  }

  /** A second fencing comes from another command, not from a transaction that took too long. */
  #rivalFault(error: unknown): DeniedFault | null {
    if (!(error instanceof FencedFault) || ++this.#fencings === 1) return null;
    return new DeniedFault(
      "kafka",
      `a replay or another dismissal of this connector is running: ${error.message}`,
      { cause: error },
    );
  }
}

/** Throws the fault of what the brokers refuse. */
async function refused(request: Promise<unknown> | undefined): Promise<void> {
  try {
    await request;
  } catch (error) {
    const { reason, cause } = toTransactionRefusal(error);
    throw new DeniedFault(
      "kafka",
      `the brokers refuse the markers: ${reason}`,
      { cause },
    );
  }
}
