import type { ValueReaders } from "../format/schema-registry/value-readers.ts";
import type { Router } from "../publish/topics/router.ts";
import type { Item } from "../domain/change.ts";
import { WAIT_OVER } from "../lib/abortable.ts";
import type { Clock } from "../lib/clock.ts";
import { cutText } from "../lib/text/cut-text.ts";
import type { Observer } from "../domain/observer.ts";
import { openSession } from "../pipeline/open-session.ts";
import type { Source } from "../domain/ports.ts";
import type { ProgressDeadline } from "../pipeline/progress-deadline.ts";
import { Reader } from "../pipeline/reading/reader.ts";
import { addressOf } from "./addresses.ts";
import { contentInSell } from "./content.ts";
import type { Ledger } from "./ledger.ts";
import type { InSell } from "./ledger-entry.ts";
import type { Progress } from "./progress.ts";
import type { WaitingDeadLetters } from "./waiting-dead-letters.ts";

export interface SellSideOptions {
  /** Reads under the auditor's device. An audit can't acknowledge. */
  readonly source: Pick<Source, "open">;
  /** The ceiling of the source's requests. */
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly parallelFetches: number;
  readonly maxBufferedBytes: number;
  readonly router: Router;
  readonly readers: ValueReaders;
  readonly ledger: Ledger;
  readonly deadLetters: WaitingDeadLetters;
  readonly progress: Progress;
  /** Ends the audit when Sell sends nothing for too long; watched while a session is read. */
  readonly deadline: Pick<ProgressDeadline, "signal" | "watch" | "renew">;
}

/** Which account of Sell was read. */
export interface SellAccount {
  readonly id: string;
  readonly name: string | null;
}

/** Sell's type of the account's own record. */
const ACCOUNT = "account";
const LONGEST_NAME_BYTES = 200;

/** Reads Sell's records into the ledger, a whole session at a time. */
export class SellSide {
  readonly #options: SellSideOptions;
  /** The items of all sessions so far. */
  #items = 0;
  sessions = 0;
  /** Null when Sell handed out no record of the account. */
  account: SellAccount | null = null;

  constructor(options: SellSideOptions) {
    this.#options = options;
  }

  /**
   * Drains one session. Returns why it can't prove that Sell has no other records, or null when it
   * can. `onlyOpen` leaves out records that are judged or were not seen before.
   */
  async read(
    round: number,
    onlyOpen: boolean,
    stopping: AbortSignal,
  ): Promise<string | null> {
    const { deadline } = this.#options;
    const over = new AbortController();
    deadline.renew();
    void deadline.watch(over.signal);
    try {
      const signal = AbortSignal.any([stopping, deadline.signal]);
      return await this.#session(round, onlyOpen, signal);
    } finally {
      over.abort(WAIT_OVER);
    }
  }

  async #session(
    round: number,
    onlyOpen: boolean,
    signal: AbortSignal,
  ): Promise<string | null> {
    const { observer, progress, requestsPerSecond } = this.#options;
    const session = await openSession(this.#options, signal);
    if (session === null)
      return this.#items === 0
        ? null
        : "Sell began no further session, though nothing was acknowledged";
    this.sessions++;
    observer.sessionStarted(session);
    const { pages, totalCount: total } = session;
    progress.began({
      name: `reading Sell, at most ${requestsPerSecond} requests a second`,
      ...{ total, unit: "records" },
      durationMs: pages === null ? null : (pages / requestsPerSecond) * 1_000,
    });
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
    const { router, ledger, readers, deadLetters, progress } = this.#options;
    this.#items += items.length;
    progress.advanced(items.length);
    const seen: InSell[] = [];
    for (const item of items) {
      this.account = accountIn(item) ?? this.account;
      const address = addressOf(item, router);
      if (onlyOpen && !ledger.isOpen(address)) continue;
      seen.push({
        ...address,
        content: contentInSell(item, ledger.schemaOf(address), readers),
        revision: item.revision === null ? null : String(item.revision),
        isDeadLettered: deadLetters.contain(item),
      });
    }
    ledger.noteSell(seen, round);
  }
}

function accountIn(item: Item): SellAccount | null {
  if (item.kind !== "change" || item.type !== ACCOUNT || item.id === null)
    return null;
  const { name } = JSON.parse(item.data.toString("utf8")) as { name?: unknown };
  const text = typeof name === "string" ? name : null;
  return {
    id: cutText(item.id, LONGEST_NAME_BYTES),
    name: text === null ? null : cutText(text, LONGEST_NAME_BYTES),
  };
}
