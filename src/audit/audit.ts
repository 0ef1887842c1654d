import { KafkaSide, type KafkaSideOptions } from "./kafka-side.ts";
import { reportOf, type AuditReport } from "./report.ts";
import { SellSide, type SellSideOptions } from "./sell-side.ts";

export interface AuditOptions extends KafkaSideOptions, SellSideOptions {
  /** How long a change may take from Sell into Kafka; differences are compared again after that. */
  readonly settleMs: number;
}

/** One for everything, and up to three more for what changed meanwhile. */
const MAX_SESSIONS = 4;

/**
 * Compares Kafka with Sell, key by key. Differences are compared again in further sessions, until
 * they are gone, or neither side has changed in between.
 *
 * Kafka is read before Sell and once more after it, so that a record that was published while Sell
 * was read is found. Rejects as `KafkaSide` and `SellSide` do.
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
    if ((open === 0 && isComplete) || round === MAX_SESSIONS) break;
    if (open > 0) {
      progress.began({
        name: `waiting to compare ${open} records again, which differ or are under way`,
        ...{ total: null, unit: "records", durationMs: settleMs },
      });
      await clock.sleep(settleMs, signal);
    }
  }
  return reportOf(options, {
    isComplete,
    problems,
    sessions: sell.sessions,
    records: kafka.records,
    account: sell.account,
    topics: kafka.topics,
  });
}
