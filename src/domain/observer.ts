import type { FailedObject, Page, Session } from "./ports.ts";
import type { Outcome } from "./settled.ts";

/** What the pipeline tells of its work, for logs, progress and figures; nothing it does depends on an answer. */
export interface Observer {
  /** Kafka was reached, and Sell knows the connector under this device UUID. */
  connected(device: string): void;
  /** A server was asked whether it is there, besides the work, and answered. */
  reached(server: Server): void;
  notReached(server: Server, error: unknown): void;
  drainStarted(): void;
  drainEnded(end: DrainEnd, problems: readonly string[]): void;
  requested(request: RequestReport): void;
  sessionStarted(session: Session): void;
  pageFetched(page: Page): void;
  /** Pages of a session that Sell forgot were taken from the buffer, unpublished. */
  dropped(items: number): void;
  /** What is fetched and not yet published, each time that it changed. */
  buffered(held: Held): void;
  settled(outcomes: readonly Outcome[], publishMs: number): void;
  /** Keys that Sell accepted for the first time in this drain. */
  acknowledged(keys: number): void;
  /** Settled keys that Sell has not accepted yet, each time that their number changed. */
  unacknowledged(keys: number): void;
  ackRefused(error: unknown): void;
  /** An attempt failed and is made again; `failures` in a row so far. */
  retrying(what: Attempt, error: unknown, failures: number): void;
  sessionEnded(report: SessionReport): void;
}

export type Attempt =
  "start" | "fetch" | "acknowledge" | "publish" | "registry";

export type Server = "kafka" | "registry";

/** `denied`: until somebody changes something; `failed`: given up on. */
export type DrainEnd =
  "complete" | "incomplete" | "stopped" | "denied" | "failed";

export interface Held {
  readonly items: number;
  /** Decoded response bytes. */
  readonly bytes: number;
}

/** One request to Sell, answered or not. */
export interface RequestReport {
  readonly endpoint: "start" | "queue" | "ack";
  /** 0 when no whole answer came. */
  readonly status: number;
  readonly throttled: boolean;
  readonly durationMs: number;
  /** Requests per second that are allowed from now on. */
  readonly ratePerSecond: number;
}

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
  /** Why, each reason once, and only the first few. */
  readonly lostBecause: readonly string[];
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
    connected: tell("connected"),
    reached: tell("reached"),
    notReached: tell("notReached"),
    drainStarted: tell("drainStarted"),
    drainEnded: tell("drainEnded"),
    requested: tell("requested"),
    sessionStarted: tell("sessionStarted"),
    pageFetched: tell("pageFetched"),
    dropped: tell("dropped"),
    buffered: tell("buffered"),
    settled: tell("settled"),
    acknowledged: tell("acknowledged"),
    unacknowledged: tell("unacknowledged"),
    ackRefused: tell("ackRefused"),
    retrying: tell("retrying"),
    sessionEnded: tell("sessionEnded"),
  };
}
