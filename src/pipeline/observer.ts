import type { FailedObject, Page, Session } from "./ports.ts";
import type { Outcome } from "./settled.ts";

/** What the pipeline tells of its work, for logs, progress and figures; nothing it does depends on an answer. */
export interface Observer {
  sessionStarted(session: Session): void;
  pageFetched(page: Page): void;
  /** Pages of a session that Sell forgot were taken from the buffer, unpublished. */
  dropped(items: number): void;
  buffered(bytes: number): void;
  settled(outcomes: readonly Outcome[], publishMs: number): void;
  /** Keys that Sell accepted for the first time in this drain. */
  acknowledged(keys: number): void;
  ackRefused(error: unknown): void;
  /** An attempt failed and is made again; `failures` in a row so far. */
  retrying(what: Attempt, error: unknown, failures: number): void;
  sessionEnded(report: SessionReport): void;
}

export type Attempt =
  "start" | "fetch" | "acknowledge" | "publish" | "registry";

/** How a session ended, and what is left to do because of it. */
export interface SessionReport {
  readonly session: string;
  /** `drained`: Sell said so; `lost`: Sell forgot the session; `stopped`: the drain was asked to stop. */
  readonly end: "drained" | "lost" | "stopped";
  readonly fetched: number;
  /** Fetched items that are neither durable nor superseded: they come again in a later session. */
  readonly deferred: number;
  /** Why a topic or schema took no items, each reason once. */
  readonly deferredBecause: readonly string[];
  /** Answers that were lost on the way and may have held a page. */
  readonly lostPages: number;
  readonly failedObjects: readonly FailedObject[];
  /** Items that came without a key: they can't be acknowledged. */
  readonly withoutKey: number;
}

/** Tells each of several observers, in order. */
export function observers(...all: readonly Partial<Observer>[]): Observer {
  const tell =
    <K extends keyof Observer>(event: K) =>
    (...facts: Parameters<Observer[K]>): void => {
      for (const one of all)
        (
          one[event] as
            ((...facts: Parameters<Observer[K]>) => void) | undefined
        )?.call(one, ...facts);
    };
  return {
    sessionStarted: tell("sessionStarted"),
    pageFetched: tell("pageFetched"),
    dropped: tell("dropped"),
    buffered: tell("buffered"),
    settled: tell("settled"),
    acknowledged: tell("acknowledged"),
    ackRefused: tell("ackRefused"),
    retrying: tell("retrying"),
    sessionEnded: tell("sessionEnded"),
  };
}
