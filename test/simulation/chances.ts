import type { Random } from "../../src/simulator/random.ts";

/** How likely each misfortune is in one schedule, at every chance it gets. */
export interface Chances {
  readonly throttled: number;
  readonly unavailable: number;
  readonly answerLost: number;
  readonly sessionLost: number;
  readonly emptyPage: number;
  readonly failedObject: number;
  readonly denied: number;
  readonly ackLost: number;
  readonly ackLate: number;
  readonly ackRefused: number;
  readonly writeUnsent: number;
  /** Of a write to arrive long after its sender was cut off from it. */
  readonly writeLate: number;
  readonly writePartial: number;
  readonly writeUnconfirmed: number;
  readonly producerRefused: number;
  readonly commitUnsent: number;
  readonly commitUnconfirmed: number;
  readonly readFailed: number;
  readonly topicRefused: number;
  readonly topicAbsent: number;
  readonly registryAway: number;
  readonly schemaRefused: number;
  readonly death: number;
  /** Of a process to be taken for dead, and to go on beside the next one. */
  readonly replaced: number;
  /** Of another connector to write to the same partition of the journal, or to end that. */
  readonly neighbour: number;
  readonly change: number;
  /** Of a session to hand out what a record was behind what it is. */
  readonly stale: number;
  /** Of a deleted record to come back when it could change. */
  readonly restored: number;
  /** Of a session to hand out again what was accepted of some records, however old it is. */
  readonly reissued: number;
  /** Of the journal to get one more partition. */
  readonly journalGrows: number;
  /** Of a topic to take a record of any size: somebody has raised its limit. */
  readonly sizeTaken: number;
}

export const calm: Chances = {
  throttled: 0,
  unavailable: 0,
  answerLost: 0,
  sessionLost: 0,
  emptyPage: 0,
  failedObject: 0,
  denied: 0,
  ackLost: 0,
  ackLate: 0,
  ackRefused: 0,
  writeUnsent: 0,
  writeLate: 0,
  writePartial: 0,
  writeUnconfirmed: 0,
  producerRefused: 0,
  commitUnsent: 0,
  commitUnconfirmed: 0,
  readFailed: 0,
  topicRefused: 0,
  topicAbsent: 0,
  registryAway: 0,
  schemaRefused: 0,
  death: 0,
  replaced: 0,
  neighbour: 0,
  change: 0,
  stale: 0,
  restored: 0,
  reissued: 0,
  journalGrows: 0,
  sizeTaken: 1,
};

const most: Chances = {
  throttled: 0.2,
  unavailable: 0.2,
  answerLost: 0.2,
  sessionLost: 0.1,
  emptyPage: 0.2,
  failedObject: 0.2,
  denied: 0.03,
  ackLost: 0.3,
  ackLate: 0.5,
  ackRefused: 0.2,
  writeUnsent: 0.2,
  writeLate: 0.2,
  writePartial: 0.3,
  writeUnconfirmed: 0.3,
  producerRefused: 0.2,
  commitUnsent: 0.2,
  commitUnconfirmed: 0.5,
  readFailed: 0.2,
  topicRefused: 0.05,
  topicAbsent: 0.05,
  registryAway: 0.1,
  schemaRefused: 0.03,
  death: 0.01,
  replaced: 0.15,
  neighbour: 0.3,
  change: 0.3,
  stale: 1,
  restored: 1,
  reissued: 1,
  journalGrows: 0.05,
  sizeTaken: 0.2,
};

/** What takes several of them at once to be of interest. */
const frequent: ReadonlySet<string> = new Set<keyof Chances>([
  "replaced",
  "change",
  "stale",
  "restored",
  "reissued",
]);

/** A weather for one schedule: a few misfortunes are likely, the others do not happen. */
export function weather(random: Random): Chances {
  const share = random.next();
  return Object.fromEntries(
    Object.entries(most).map(([name, highest]) => {
      const often = frequent.has(name) ? Math.max(share, 0.7) : share;
      return [name, random.chance(often) ? highest * random.next() : 0];
    }),
  ) as unknown as Chances;
}
