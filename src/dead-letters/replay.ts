import { DeniedFault, FencedFault, isRetryable } from "../domain/faults.ts";
import { retry, type RetryPolicy } from "../lib/retry.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import { recordName, WriteBatch } from "../publish/write-batches.ts";
import type { DeadLetter } from "./dead-letter.ts";
import {
  listDeadLetters,
  type DeadLetterListing,
  type DeadLetterTopic,
} from "./dead-letter-listing.ts";
import {
  latestStates,
  nameOf,
  stateAfter,
  heldInstead,
  type LatestState,
} from "./latest-states.ts";
import { ReplayWriter, type ReplayWriterOptions } from "./replay-writer.ts";
import {
  heldWrite,
  planReplay,
  StillDead,
  toReplayable,
  type EncodingOptions,
  type Replayable,
  type ReplayWrite,
} from "./replayable.ts";

export interface ReplayOptions
  extends
    DeadLetterTopic,
    EncodingOptions,
    Pick<ReplayWriterOptions, "producer"> {
  readonly isSelected: (deadLetter: DeadLetter) => boolean;
  /** Whether a selected one is published though it was dismissed. */
  readonly undoesDismissals: boolean;
  /** Called for each dead letter as it is settled. */
  readonly settled: (outcome: ReplayOutcome) => void | Promise<void>;
}

/** The outcome of one dead letter; `skipped`: its topic holds that state already, or a newer one. */
export type ReplayOutcome = { readonly deadLetter: DeadLetter } & (
  | { readonly fate: "replayed"; readonly topic: string; readonly key: string }
  | { readonly fate: "skipped"; readonly reason: string }
  | { readonly fate: "failed"; readonly stage: string; readonly reason: string }
);

const MAX_HELD_BYTES = 64 * 1024 * 1024;
const MAX_FAILURES = 5;
/** Dead letters of one transaction. */
const MAX_PER_TRANSACTION = 500;

/**
 * Publishes dead letters anew, each in one transaction with its replay marker; one that has a
 * marker is never published again. Whenever the end of a transaction is not known, a new producer
 * ends it first, and the markers are read anew before anything else is published.
 */
export class Replay {
  /** Of the selected ones, how many were replayed or dismissed before. */
  settledBefore: DeadLetterListing["settled"] = { replayed: 0, dismissed: 0 };
  readonly #options: ReplayOptions;
  readonly #writer: ReplayWriter;
  readonly #settled = new Set<string>();
  /** Writes of a transaction whose end is not known. */
  #begun: readonly ReplayWrite[] = [];
  #fenced = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#writer = new ReplayWriter({
      ...options,
      began: (writes) => {
        this.#begun = writes;
      },
      replayed: (write) => this.#replayed(write),
      failed: (deadLetter, why) => this.#failed(deadLetter, why),
    });
  }

  /**
   * True once every selected dead letter is settled, false when `stopping` was aborted before.
   * Rejects with an UnavailableFault when servers stay away, or a DeniedFault.
   */
  async run({ stopping, givingUp }: Signals): Promise<boolean> {
    const policy: RetryPolicy = {
      clock: this.#options.clock,
      isRetryable: (error) =>
        error instanceof FencedFault || isRetryable(error),
      maxFailures: MAX_FAILURES,
    };
    const run = async (progressed: () => void) => {
      const before = this.#settled.size;
      try {
        while (!(await this.#pass(stopping, givingUp))) progressed();
      } catch (error) {
        if (this.#settled.size > before) progressed();
        throw this.#rivalFault(error) ?? error;
      }
    };
    try {
      await retry(run, policy, AbortSignal.any([stopping, givingUp]));
      return true;
    } catch (error) {
      givingUp.throwIfAborted();
      if (stopping.aborted) return false;
      throw error;
    }
  }

  /** Reads the dead letters, and publishes those that are left. False when there were too many for one pass. */
  async #pass(stopping: AbortSignal, givingUp: AbortSignal): Promise<boolean> {
    const signal = AbortSignal.any([stopping, givingUp]);
    await this.#writer.open(signal);
    const listing = await listDeadLetters(this.#options, signal, {
      wants: (deadLetter) =>
        this.#options.isSelected(deadLetter) &&
        !this.#settled.has(deadLetter.id),
      keepsSettled: ({ id }, state) =>
        state === "replayed"
          ? this.#begunWrite(id) !== undefined
          : this.#options.undoesDismissals,
      mostBytes: MAX_HELD_BYTES,
    });
    await this.#noteReplayed(listing);
    const replayables = await this.#replayables(listing);
    const latest = await latestStates(this.#options, replayables, signal);
    let batch = new WriteBatch<ReplayWrite>(MAX_PER_TRANSACTION);
    const publish = async () => {
      // What was begun may end, even when a stop was asked for.
      for (const replayable of await this.#writer.write(
        batch.groups,
        givingUp,
      )) {
        const { change, deadLetter } = replayable;
        latest.set(nameOf(replayable), stateAfter(change, deadLetter));
      }
      batch = new WriteBatch(MAX_PER_TRANSACTION);
    };
    for (const replayable of replayables) {
      // Whether it is still the newest shows once what was before it is published.
      if (holds(batch, replayable)) await publish();
      signal.throwIfAborted();
      const write = await this.#plan(replayable, latest, signal);
      if (write === null) continue;
      if (!batch.hasRoomFor(write)) await publish();
      batch.add(write);
    }
    await publish();
    this.settledBefore = listing.settled;
    return !listing.isCut;
  }

  /** Settles what a transaction did end well of, though its end was not known. */
  async #noteReplayed({ deadLetters }: DeadLetterListing): Promise<void> {
    for (const { id, state } of deadLetters) {
      const own = state === "replayed" ? this.#begunWrite(id) : undefined;
      if (own !== undefined) await this.#replayed(own);
    }
    this.#begun = [];
  }

  #begunWrite(id: string): ReplayWrite | undefined {
    return this.#begun.find(
      ({ replayable }) => replayable.deadLetter.id === id,
    );
  }

  async #replayables({
    deadLetters,
    items,
  }: DeadLetterListing): Promise<Replayable[]> {
    const replayables: Replayable[] = [];
    for (const deadLetter of deadLetters) {
      const item = items.get(deadLetter.id);
      if (item === undefined || this.#settled.has(deadLetter.id)) continue;
      try {
        const { router } = this.#options;
        replayables.push(toReplayable(deadLetter, item, router));
      } catch (error) {
        await this.#failed(deadLetter, error);
      }
    }
    return replayables.sort(byPosition);
  }

  async #plan(
    replayable: Replayable,
    latest: ReadonlyMap<string, LatestState>,
    signal: AbortSignal,
  ): Promise<ReplayWrite | null> {
    const { deadLetter, change } = replayable;
    const known = latest.get(nameOf(replayable));
    const held = heldInstead(known, change, deadLetter);
    if (held !== null) return heldWrite(replayable, held);
    try {
      return await planReplay(replayable, this.#options, signal);
    } catch (error) {
      await this.#failed(deadLetter, error);
      return null;
    }
  }

  /** A second fencing within a run comes from another replay, not from a transaction that took too long. */
  #rivalFault(error: unknown): DeniedFault | null {
    if (!(error instanceof FencedFault) || ++this.#fenced === 1) return null;
    return new DeniedFault(
      "kafka",
      `another replay of this connector is running, or its transactions take too long: ${error.message}`,
      { cause: error },
    );
  }

  async #replayed({ replayable, held }: ReplayWrite): Promise<void> {
    const { deadLetter, topic, key } = replayable;
    await this.#settle(
      held === null
        ? { deadLetter, fate: "replayed", topic, key }
        : { deadLetter, fate: "skipped", reason: held },
    );
  }

  async #failed(deadLetter: DeadLetter, error: unknown): Promise<void> {
    if (!(error instanceof StillDead)) throw error;
    const { stage, message: reason } = error;
    await this.#settle({ deadLetter, fate: "failed", stage, reason });
  }

  async #settle(outcome: ReplayOutcome): Promise<void> {
    this.#settled.add(outcome.deadLetter.id);
    await this.#options.settled(outcome);
  }
}

/** Whether the batch holds a record of the same topic and key. */
function holds(
  batch: WriteBatch<ReplayWrite>,
  { topic, change }: Replayable,
): boolean {
  return batch.holds(recordName(change, topic));
}

function byPosition(
  { deadLetter: a }: Replayable,
  { deadLetter: b }: Replayable,
): number {
  if (a.partition !== b.partition) return a.partition - b.partition;
  return a.offset < b.offset ? -1 : 1;
}
