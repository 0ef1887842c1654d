import type { Cause } from "./cause.ts";
import type { Deferral } from "./deferrals.ts";
import type { DenyingServer } from "./faults.ts";
import type { FailedObject, Page, Session } from "./ports.ts";
import type { Outcome } from "./settled.ts";

/** Receives the events of a pipeline, for logs, progress and metrics. No method affects the pipeline. */
export interface Observer {
  /** Kafka was reached, and Sell knows the connector under this device UUID. */
  connected(device: string): void;
  /** A connectivity check reached a server. */
  reached(server: Server): void;
  /** A server was not reached, and is tried again after `waitMs`. */
  notReached(server: Server, error: unknown, waitMs: number): void;
  drainStarted(): void;
  drainEnded(end: DrainEnd, problems: readonly DrainProblem[]): void;
  /** Between two drains: the next one starts after `waitMs`. */
  resting(waitMs: number): void;
  requested(request: RequestReport): void;
  sessionStarted(session: Session): void;
  pageFetched(page: Page): void;
  /** Items of a session that Sell forgot were dropped, unpublished. */
  dropped(items: number): void;
  /** What was fetched and is not published yet has changed. */
  buffered(held: Held): void;
  settled(outcomes: readonly Outcome[], publishMs: number): void;
  /** Keys that Sell accepted for the first time in this drain. */
  acknowledged(keys: number): void;
  /** The number of settled keys that Sell has not accepted yet has changed. */
  unacknowledged(keys: number): void;
  ackRefused(error: unknown): void;
  /** An attempt failed, and is repeated after `waitMs`, null when that is unknown; `failures` in a row so far. */
  retrying(
    what: Attempt,
    error: unknown,
    failures: number,
    waitMs: number | null,
  ): void;
  sessionEnded(report: SessionReport): void;
  /** Sell was asked for the definitions of custom fields; null when it told all, else why not. */
  customFieldsAsked(unknownBecause: string | null): void;
  /** A subject's registered schema stays in use, for a reason; null when its next version is in use. */
  schemaKept(subject: string, why: Cause | null): void;
}

export type Attempt =
  "start" | "fetch" | "acknowledge" | "publish" | "registry";

export type Server = "kafka" | "registry";

/** A reason why a drain is not complete; docs/operations.md gives the cure of each. */
export interface DrainProblem {
  readonly code:
    | "deferred"
    | "session-lost"
    | "pages-lost"
    | "objects-failed"
    | "items-without-key"
    | "acks-refused"
    | "no-progress"
    | "denied"
    | "failed";
  /** In words for an operator. */
  readonly message: string;
  /** The server that refused access, for `denied`. */
  readonly server?: DenyingServer;
}

/** `denied`: access was refused until somebody changes something; `failed`: the drain was given up. */
export type DrainEnd =
  "complete" | "incomplete" | "stopped" | "denied" | "failed";

export interface Held {
  readonly items: number;
  /** Decoded response bytes. */
  readonly bytes: number;
}

/** One request to Sell, with or without an answer. */
export interface RequestReport {
  readonly endpoint: "start" | "queue" | "ack" | "custom_fields";
  /** The HTTP status; 0 without a whole answer. */
  readonly status: number;
  readonly throttled: boolean;
  readonly durationMs: number;
  /** Requests per second that are allowed from now on. */
  readonly ratePerSecond: number;
}

/** How a session ended, and what of it is not settled. */
export interface SessionReport {
  readonly session: string;
  /** `drained`: Sell said so; `lost`: Sell forgot the session; `stopped`: the drain was asked to stop. */
  readonly end: "drained" | "lost" | "stopped";
  readonly fetched: number;
  /** Fetched items that are neither durable nor superseded: they come again in a later session. */
  readonly deferred: number;
  /** The deferred items by their cause. */
  readonly deferredBecause: readonly Deferral[];
  /** How many answers were lost that may have held a page. */
  readonly lostPages: number;
  /** The first few distinct reasons for which answers were lost. */
  readonly lostBecause: readonly string[];
  readonly failedObjects: readonly FailedObject[];
  /** Items without an acknowledgement key. */
  readonly withoutKey: number;
}

const events: Readonly<Record<keyof Observer, true>> = {
  connected: true,
  reached: true,
  notReached: true,
  drainStarted: true,
  drainEnded: true,
  resting: true,
  requested: true,
  sessionStarted: true,
  pageFetched: true,
  dropped: true,
  buffered: true,
  settled: true,
  acknowledged: true,
  unacknowledged: true,
  ackRefused: true,
  retrying: true,
  sessionEnded: true,
  customFieldsAsked: true,
  schemaKept: true,
};

/** Combines observers: each event goes to all of them, in order. */
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
  return toObserver(tell);
}

/** An observer that does the same at every event. */
export function onEveryEvent(act: () => void): Observer {
  return toObserver(() => act);
}

function toObserver(receiver: (event: keyof Observer) => unknown): Observer {
  const names = Object.keys(events) as (keyof Observer)[];
  return Object.fromEntries(
    names.map((event) => [event, receiver(event)]),
  ) as unknown as Observer;
}
