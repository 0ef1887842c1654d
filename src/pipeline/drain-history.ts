import type { Acknowledger } from "./acknowledger.ts";
import { deferralSentence } from "../domain/deferrals.ts";
import type { DrainProblem, SessionReport } from "../domain/observer.ts";

const FRUITLESS_SESSIONS = 5;

/** How a drain ended. */
export interface DrainResult {
  /** `complete`: Sell has nothing left, and everything it handed out is settled and confirmed. */
  readonly end: "complete" | "incomplete" | "stopped";
  /** What keeps it from being complete, in words for an operator. */
  readonly problems: readonly DrainProblem[];
}

/** What follows a session of a drain. */
type NextStep =
  | { readonly kind: "end"; readonly result: DrainResult }
  | { readonly kind: "continue"; readonly needsPause: boolean };

/** The sessions of one drain so far: whether another one would help, and what keeps it from being complete. */
export class DrainHistory {
  readonly #acknowledger: Acknowledger | null;
  #last: SessionReport | null = null;
  #withoutKey = 0;
  #fruitless = 0;

  constructor(acknowledger: Acknowledger | null) {
    this.#acknowledger = acknowledger;
  }

  /** `newKeys` were confirmed for the first time in this session. */
  sessionEnded(report: SessionReport, newKeys: number): NextStep {
    this.#last = report;
    this.#withoutKey += report.withoutKey;
    if (!this.#needsAnother(report)) return this.#ended();
    this.#fruitless = newKeys > 0 ? 0 : this.#fruitless + 1;
    if (this.#fruitless === FRUITLESS_SESSIONS)
      return this.#ended({
        code: "no-progress",
        message: `${FRUITLESS_SESSIONS} sessions in a row settled nothing new`,
      });
    const needsPause =
      report.end === "lost" ||
      report.failedObjects.length > 0 ||
      this.#fruitless > 0;
    return { kind: "continue", needsPause };
  }

  /** Sell has no further session: what a lost page or a failed object held has come since. */
  nothingLeft(): DrainResult {
    const nothing = { lostPages: 0, lostBecause: [], failedObjects: [] };
    if (this.#last !== null)
      this.#last = { ...this.#last, ...nothing, end: "drained" };
    return this.#result();
  }

  #needsAnother(report: SessionReport): boolean {
    const acknowledger = this.#acknowledger;
    return (
      acknowledger !== null &&
      (report.end === "lost" ||
        report.lostPages > 0 ||
        report.failedObjects.length > 0 ||
        acknowledger.refused > 0)
    );
  }

  #ended(...more: DrainProblem[]): NextStep {
    return { kind: "end", result: this.#result(...more) };
  }

  #result(...more: DrainProblem[]): DrainResult {
    const problems = [...more, ...this.#problems()];
    return { end: problems.length === 0 ? "complete" : "incomplete", problems };
  }

  #problems(): DrainProblem[] {
    const problems: DrainProblem[] = [];
    const last = this.#last;
    const refused = this.#acknowledger?.refused ?? 0;
    if (last?.end === "lost")
      problems.push({
        code: "session-lost",
        message: "Sell no longer knew the session before it was drained",
      });
    if (last !== null && last.lostPages > 0)
      problems.push({
        code: "pages-lost",
        message: `${last.lostPages} answers of the last session were lost, and what they held was not seen: ${last.lostBecause.join("; ")}`,
      });
    if (last !== null && last.failedObjects.length > 0)
      problems.push({
        code: "objects-failed",
        message: `Sell could not read ${last.failedObjects.length} objects`,
      });
    for (const [items, because] of deferredIn(last))
      problems.push({
        code: "deferred",
        message: `${items} items are deferred: ${because}`,
      });
    if (this.#withoutKey > 0)
      problems.push({
        code: "items-without-key",
        message: `${this.#withoutKey} items came without an acknowledgement key, so Sell will send them again each time`,
      });
    if (refused > 0)
      problems.push({
        code: "acks-refused",
        message: `Sell refused ${refused} acknowledgement keys`,
      });
    return problems;
  }
}

/** How many items are deferred, for each cause. */
function* deferredIn(
  report: SessionReport | null,
): Generator<readonly [items: number, because: string]> {
  let unexplained = report?.deferred ?? 0;
  for (const deferral of report?.deferredBecause ?? []) {
    yield [deferral.items, deferralSentence(deferral)];
    unexplained -= deferral.items;
  }
  if (unexplained > 0) yield [unexplained, "their session was lost"];
}
