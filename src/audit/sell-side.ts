import type { AvroValues } from "../format/avro/read-values.ts";
import type { Router } from "../publish/router.ts";
import type { Item } from "../domain/change.ts";
import type { Clock } from "../lib/clock.ts";
import type { Observer } from "../domain/observer.ts";
import { openSession } from "../pipeline/open-session.ts";
import type { Source } from "../domain/ports.ts";
import type { ProgressDeadline } from "../pipeline/progress-deadline.ts";
import { Reader } from "../pipeline/reader.ts";
import { placeOfItem } from "./addresses.ts";
import { contentInSell } from "./content.ts";
import type { InSell, Ledger } from "./ledger.ts";
import type { Progress } from "./progress.ts";
import type { WaitingLetters } from "./waiting-letters.ts";

export interface SellSideOptions {
  /** Under the auditor's device; an audit has no way to acknowledge. */
  readonly source: Pick<Source, "open">;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly parallelFetches: number;
  readonly maxBufferedBytes: number;
  readonly router: Router;
  readonly avro: AvroValues | null;
  readonly ledger: Ledger;
  readonly letters: WaitingLetters;
  readonly progress: Progress;
  /** Gives up on Sell when nothing comes for too long; watched while a session is read. */
  readonly patience: Pick<ProgressDeadline, "signal" | "watch" | "renew">;
}

/** Reads what Sell holds into the ledger, a whole session at a time. */
export class SellSide {
  readonly #options: SellSideOptions;
  /** Items of the sessions so far. */
  #items = 0;
  sessions = 0;

  constructor(options: SellSideOptions) {
    this.#options = options;
  }

  /**
   * Drains one session. Answers what keeps it from proving that Sell has nothing else: null when
   * nothing does. `onlyOpen` leaves alone what is judged already, or was never met.
   */
  async read(
    round: number,
    onlyOpen: boolean,
    stopping: AbortSignal,
  ): Promise<string | null> {
    const { patience } = this.#options;
    const over = new AbortController();
    patience.renew();
    void patience.watch(over.signal);
    try {
      const signal = AbortSignal.any([stopping, patience.signal]);
      return await this.#session(round, onlyOpen, signal);
    } finally {
      over.abort();
    }
  }

  async #session(
    round: number,
    onlyOpen: boolean,
    signal: AbortSignal,
  ): Promise<string | null> {
    const { observer, progress } = this.#options;
    const session = await openSession(this.#options, signal);
    if (session === null)
      return this.#items === 0
        ? null
        : "Sell began no further session, though nothing was acknowledged";
    this.sessions++;
    observer.sessionStarted(session);
    progress.began("reading Sell", session.totalCount);
    const broken = new AbortController();
    const ended = AbortSignal.any([signal, broken.signal]);
    const reader = new Reader({ ...this.#options, session });
    const take = async () => {
      try {
        for await (const items of reader.batches(signal)) {
          this.#take(items, round, onlyOpen);
        }
      } catch (error) {
        broken.abort(error);
        throw error;
      }
    };
    const reading = reader.run(ended);
    await Promise.allSettled([reading, take()]);
    ended.throwIfAborted();
    const { end, lostPages, lostBecause, failedObjects } = await reading;
    if (end === "lost")
      return "Sell no longer knew the session before it was drained";
    if (lostPages > 0)
      return `${lostPages} answers were lost, and what they held was not seen: ${lostBecause.join("; ")}`;
    if (failedObjects.length > 0) {
      const named = failedObjects
        .slice(0, 5)
        .map(({ type, id }) => `${type} ${id}`);
      return `Sell could not read ${failedObjects.length} objects (${named.join(", ")}${failedObjects.length > 5 ? ", …" : ""})`;
    }
    return null;
  }

  #take(items: readonly Item[], round: number, onlyOpen: boolean): void {
    const { router, ledger, avro, letters, progress } = this.#options;
    this.#items += items.length;
    progress.advanced(items.length);
    const seen: InSell[] = [];
    for (const item of items) {
      const place = placeOfItem(item, router);
      if (onlyOpen && !ledger.isOpen(place)) continue;
      seen.push({
        ...place,
        content: contentInSell(item, ledger.schemaOf(place), avro),
        revision: item.revision === null ? null : String(item.revision),
        isDeadLettered: letters.hold(item),
      });
    }
    ledger.noteSell(seen, round);
  }
}
