import type { Logger } from "pino";
import { cutText } from "../lib/cut-text.ts";
import type {
  Attempt,
  Observer,
  Server,
  SessionReport,
} from "../domain/observer.ts";
import { reasonOf } from "../lib/reason-of.ts";
import type { Session } from "../domain/ports.ts";
import { Reasons } from "../pipeline/reasons.ts";
import type { Outcome } from "../domain/settled.ts";

/** The first failures of a loop are everyday; one that lasts is news, and then trouble. */
const WARN_FROM = 3;
const ERROR_FROM = 8;
/** Names are of any length that Sell likes. */
const LONGEST_NAME_BYTES = 1_024;

/** Tells the log what the pipeline does: sessions at info, dead letters and what is deferred at warn. */
export class LogObserver implements Partial<Observer> {
  readonly #logger: Logger;
  #toldReasons = new Reasons();
  readonly #away = new Set<Server>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  reached(server: Server): void {
    if (this.#away.delete(server))
      this.#logger.info({ server }, "server is back");
  }

  notReached(server: Server, error: unknown): void {
    if (this.#away.has(server)) return;
    this.#away.add(server);
    const reason = reasonOf(error);
    this.#logger.warn({ server, reason }, "server can't be reached");
  }

  sessionStarted({ id, totalCount }: Session): void {
    this.#toldReasons = new Reasons();
    this.#logger.info({ session: id, totalCount }, "session started");
  }

  settled(outcomes: readonly Outcome[]): void {
    for (const { item, fate } of outcomes) {
      const type = shortened(item.type);
      const id = shortened(item.id);
      const ackKey = shortened(item.ackKey);
      if (fate.kind === "dead-lettered") {
        const { stage, reason } = fate;
        this.#logger.warn(
          { type, id, ackKey, stage, reason },
          "record went to the dead-letter topic",
        );
      } else if (fate.kind === "deferred") {
        if (this.#toldReasons.add(fate.reason)) {
          this.#logger.error(
            { type, reason: fate.reason },
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

function shortened(text: string | null): string | null {
  return text === null ? null : cutText(text, LONGEST_NAME_BYTES);
}
