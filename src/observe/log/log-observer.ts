import type { Logger } from "pino";
import { cutText } from "../../lib/text/cut-text.ts";
import type {
  Attempt,
  Observer,
  RequestReport,
  SessionReport,
} from "../../domain/observer.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import type { Item } from "../../domain/change.ts";
import type { Session } from "../../domain/ports.ts";
import { DistinctReasons } from "../../lib/distinct-reasons.ts";
import type { Outcome } from "../../domain/settled.ts";

/** More failures in a row are a trouble, which is told as such. */
const TOLD_FAILURES = 2;
/** The refused keys of one session that are logged. */
const TOLD_REFUSALS = 20;
/** Sell bounds no name, so the log cuts long ones. */
const MAX_NAME_BYTES = 1_024;

/** Logs single events: dead-letter records and refused keys, and failed attempts before they are a trouble. */
export class LogObserver implements Partial<Observer> {
  readonly #logger: Logger;
  #loggedReasons = new DistinctReasons();
  #refusals = 0;
  /** The most failures in a row that were told of each attempt: several parts of a connector report one outage. */
  readonly #toldFailures = new Map<Attempt, number>();
  #customFieldsUnknown: string | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  sessionStarted({ id, totalCount }: Session): void {
    this.#loggedReasons = new DistinctReasons();
    this.#refusals = 0;
    this.#logger.debug({ session: id, totalCount }, "session started");
  }

  requested({ endpoint, status }: RequestReport): void {
    if (status < 200 || status >= 300) return;
    const attempt = attemptOf[endpoint];
    if (attempt !== null) this.#toldFailures.delete(attempt);
  }

  settled(outcomes: readonly Outcome[]): void {
    if (outcomes.some(({ fate }) => fate.kind !== "deferred")) {
      this.#toldFailures.delete("publish");
      this.#toldFailures.delete("registry");
    }
    const isDebug = this.#logger.isLevelEnabled("debug");
    for (const { item, fate } of outcomes) {
      if (fate.kind === "dead-lettered") {
        const { stage, reason } = fate;
        const isNew = this.#loggedReasons.add(`${stage} ${reason}`);
        this.#logger[isNew ? "warn" : "debug"](
          { ...namesOf(item), stage, reason },
          "record went to the dead-letter topic",
        );
      } else if (isDebug) {
        this.#logger.debug({ ...namesOf(item), fate: fate.kind }, "settled");
      }
    }
  }

  customFieldsAsked(unknownBecause: string | null): void {
    if (unknownBecause === this.#customFieldsUnknown) return;
    this.#customFieldsUnknown = unknownBecause;
    if (unknownBecause === null)
      this.#logger.info("the definitions of custom fields are known");
    else
      this.#logger.warn(
        { reason: unknownBecause },
        "definitions of custom fields are unknown, so values stay in custom_fields as JSON text",
      );
  }

  dropped(items: number): void {
    this.#logger.warn(
      { items },
      "pages of a lost session are dropped; Sell sends them again in the next",
    );
  }

  ackRefused(error: unknown): void {
    const level = ++this.#refusals <= TOLD_REFUSALS ? "error" : "debug";
    this.#logger[level]({ err: error }, "Sell refuses an acknowledgement key");
  }

  retrying(what: Attempt, error: unknown, failures: number): void {
    const failure = { what, failures, reason: reasonOf(error) };
    const isNew = failures > (this.#toldFailures.get(what) ?? 0);
    const level = isNew && failures <= TOLD_FAILURES ? "info" : "debug";
    if (isNew) this.#toldFailures.set(what, failures);
    this.#logger[level](failure, "failed, trying again");
  }

  drainEnded(): void {
    this.#toldFailures.clear();
  }

  sessionEnded({
    failedObjects,
    deferredBecause,
    ...counts
  }: SessionReport): void {
    this.#logger.debug(
      {
        ...counts,
        deferredBecause: deferredBecause.map(({ why }) => why.code),
        failedObjects: failedObjects.length,
      },
      "session ended",
    );
  }
}

const attemptOf = {
  start: "start",
  queue: "fetch",
  ack: "acknowledge",
  custom_fields: null,
} as const;

function namesOf({ type, id, ackKey }: Item) {
  return { type: shorten(type), id: shorten(id), ackKey: shorten(ackKey) };
}

function shorten(text: string | null): string | null {
  return text === null ? null : cutText(text, MAX_NAME_BYTES);
}
