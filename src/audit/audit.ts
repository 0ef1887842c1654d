import { KafkaSide, type KafkaSideOptions } from "./kafka-side.ts";
import { reportOf, type AuditReport } from "./report.ts";
import { SellSide, type SellSideOptions } from "./sell-side.ts";

export interface AuditOptions extends KafkaSideOptions, SellSideOptions {
  /** How long a change may take from Sell into Kafka; differences are looked at again after that. */
  readonly settleMs: number;
}

/** A whole session, and a few more for what changed meanwhile. */
const MOST_SESSIONS = 4;

/**
 * Compares what Kafka holds with what Sell holds, key by key. What differs at first is looked at
 * again in further sessions, until it agrees, or has stayed the same on both sides.
 *
 * Kafka is read before Sell, and what has come since after it: a record that Sell handed out, and
 * that was published meanwhile, is found. Rejects as its two sides do.
 */
export async function audit(
  options: AuditOptions,
  signal: AbortSignal,
): Promise<AuditReport> {
  const { ledger, clock, progress, settleMs } = options;
  const kafka = new KafkaSide(options);
  const sell = new SellSide(options);
  const problems: string[] = [];
  let isComplete = false;
  await kafka.catchUp(false, signal);
  for (let round = 1; ; round++) {
    const onlyOpen = isComplete;
    const problem = await sell.read(round, onlyOpen, signal);
    if (problem !== null) problems.push(`session ${round}: ${problem}`);
    await kafka.catchUp(onlyOpen, signal);
    const open = ledger.settle(round, problem === null);
    isComplete ||= problem === null;
    if ((open === 0 && isComplete) || round === MOST_SESSIONS) break;
    if (open > 0) {
      progress.began(`waiting for ${open} changes under way`, null);
      await clock.sleep(settleMs, signal);
    }
  }
  return reportOf(options, {
    isComplete,
    problems,
    sessions: sell.sessions,
    records: kafka.records,
  });
}
