import type { Logger } from "pino";
import { causeSentence } from "../../domain/cause.ts";
import { cutText } from "../../lib/cut-text.ts";
import type {
  Attempt,
  Observer,
  Server,
  SessionReport,
} from "../../domain/observer.ts";
import { reasonOf } from "../../lib/reason-of.ts";
import type { Session } from "../../domain/ports.ts";
import { DistinctReasons } from "../../lib/distinct-reasons.ts";
import type { Outcome } from "../../domain/settled.ts";

/** Failures in a row from which the log level rises: the first ones of a retried attempt are normal. */
const WARN_FROM = 3;
const ERROR_FROM = 8;
/** Sell bounds no name, so the log cuts long ones. */
const MAX_NAME_BYTES = 1_024;

/** Logs the pipeline's events: sessions at info, dead-letter records at warn, deferred records at error. */
export class LogObserver implements Partial<Observer> {
  readonly #logger: Logger;
  #loggedReasons = new DistinctReasons();
  readonly #unreachable = new Set<Server>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  reached(server: Server): void {
    if (this.#unreachable.delete(server))
      this.#logger.info({ server }, "server is back");
  }

  notReached(server: Server, error: unknown): void {
    if (this.#unreachable.has(server)) return;
    this.#unreachable.add(server);
    const reason = reasonOf(error);
    this.#logger.warn({ server, reason }, "server can't be reached");
  }

  sessionStarted({ id, totalCount }: Session): void {
    this.#loggedReasons = new DistinctReasons();
    this.#logger.info({ session: id, totalCount }, "session started");
  }

  settled(outcomes: readonly Outcome[]): void {
    for (const { item, fate } of outcomes) {
      const type = shorten(item.type);
      const id = shorten(item.id);
      const ackKey = shorten(item.ackKey);
      if (fate.kind === "dead-lettered") {
        const { stage, reason } = fate;
        this.#logger.warn(
          { type, id, ackKey, stage, reason },
          "record went to the dead-letter topic",
        );
      } else if (fate.kind === "deferred") {
        const reason = causeSentence(fate.why);
        if (this.#loggedReasons.add(reason)) {
          this.#logger.error(
            { type, code: fate.why.code, reason },
            "records are deferred to a later session",
          );
        }
      } else {
        this.#logger.debug({ type, id, ackKey, fate: fate.kind }, "settled");
      }
    }
  }

  dropped(items: number): void {
    this.#logger.warn(
      { items },
      "pages of a lost session are dropped; Sell sends them again in the next",
    );
  }

  ackRefused(error: unknown): void {
    this.#logger.error({ err: error }, "Sell refuses an acknowledgement key");
  }

  retrying(what: Attempt, error: unknown, failures: number): void {
    const level =
      failures >= ERROR_FROM
        ? "error"
        : failures >= WARN_FROM
          ? "warn"
          : "info";
    const reason = reasonOf(error);
    this.#logger[level]({ what, failures, reason }, "failed, trying again");
  }

  sessionEnded(report: SessionReport): void {
    const { failedObjects, ...counts } = report;
    this.#logger.info(
      { ...counts, failedObjects: failedObjects.length },
      "session ended",
    );
    if (report.withoutKey > 0)
      this.#logger.error(
        { session: report.session, items: report.withoutKey },
        "items came without an acknowledgement key; they are published, and Sell sends them again in every session",
      );
    if (failedObjects.length > 0)
      this.#logger.warn(
        {
          session: report.session,
          failedObjects: failedObjects.slice(0, 20),
          total: failedObjects.length,
        },
        "Sell could not read some objects; another session will ask for them",
      );
  }
}

function shorten(text: string | null): string | null {
  return text === null ? null : cutText(text, MAX_NAME_BYTES);
}
