import type { AckKey, Item } from "./change.ts";
import type { Settled } from "./settled.ts";

/** A record that Sell could not read while it built a page: it comes in a later session. */
export interface FailedObject {
  readonly type: string;
  readonly id: string;
}

export interface Page {
  readonly items: readonly Item[];
  /** Size of the decoded response body. */
  readonly bytes: number;
  /** Sell's estimate of the items still in the queue; a hint only. */
  readonly countLeft: number | null;
  readonly failedObjects: readonly FailedObject[];
}

/** Where changes come from. Each method makes one attempt; the pipeline decides about the next. */
export interface Source {
  /**
   * Starts a session; null when Sell has nothing new.
   * Rejects with a ThrottledFault, UnavailableFault or DeniedFault.
   */
  open(signal: AbortSignal): Promise<Session | null>;

  /**
   * Acknowledges keys for good; resolves once Sell has accepted all of them.
   * Rejects like `open`, and with an AckRefusedFault.
   */
  acknowledge(keys: readonly AckKey[], signal: AbortSignal): Promise<void>;
}

export interface Session {
  readonly id: string;
  /** Sell's estimates; hints only. */
  readonly pages: number | null;
  readonly totalCount: number | null;

  /**
   * Takes the next page from the queue; null when Sell says that it is drained. A page whose
   * answer is lost comes again only in a new session. Rejects with a ThrottledFault (nothing
   * was taken), UnavailableFault (a page may have been), SessionLostFault or DeniedFault.
   * `stopping` ends the wait before a request, with its reason, but no request that has started.
   */
  fetch(signal: AbortSignal, stopping?: AbortSignal): Promise<Page | null>;
}

/** Brings changes to where they go. */
export interface Publisher {
  /**
   * Resolves only once every item is durable at the brokers, as itself or as a dead letter,
   * or is known to be superseded or deferred. Retries without end while Kafka is away; rejects
   * only with the signal's reason, a DeniedFault, a FencedFault or a RivalFault. Call it again
   * only after it has settled.
   */
  publish(items: readonly Item[], signal: AbortSignal): Promise<Settled>;

  /**
   * What earlier runs have settled and Sell may not know of; asked before the first session,
   * null when there is nothing. Waits and rejects as `publish` does.
   */
  recover(signal: AbortSignal): Promise<Settled | null>;

  /**
   * Makes ready for a session that is open, before its first page is taken. Waits and rejects as
   * `publish` does: with a FencedFault when another process has published since the last time,
   * for what the session hands out may be older than that.
   */
  ready(signal: AbortSignal): Promise<void>;
}
