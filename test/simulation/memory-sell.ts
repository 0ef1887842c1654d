import type { AckKey, Item } from "../../src/domain/change.ts";
import {
  AckRefusedFault,
  DeniedFault,
  SessionLostFault,
  ThrottledFault,
  UnavailableFault,
} from "../../src/domain/faults.ts";
import type { Page, Session, Source } from "../../src/domain/ports.ts";
import { change } from "../support/builders.ts";
import type { Chances } from "./chances.ts";
import type { Life, Schedule } from "./schedule.ts";

/** What is odd about a record, all its life long. */
export type Oddity =
  | "malformed"
  | "no ack key"
  | "no revision"
  | "not encodable"
  | "too large"
  | "far too large"
  | "no legal topic";

export interface SellRecord {
  readonly type: string;
  readonly id: string;
  readonly oddity: Oddity | null;
  revision: number;
  isDeleted: boolean;
  acknowledged: number;
  /** The revision that was handed out last. */
  handedOut: number;
}

/** A record in a session's queue; with a state of its own when that is what will be handed out. */
interface Queued {
  readonly record: SellRecord;
  readonly state: State | null;
  /** It was accepted before. */
  readonly isReissued: boolean;
}

type State = Pick<SellRecord, "revision" | "isDeleted">;

interface LiveSession {
  readonly id: string;
  readonly queue: Queued[];
  /** It hands out each state that it queued, the newest first. */
  readonly keepsStates: boolean;
  isGone: boolean;
}

/** Told of what the requests of one drain do, whether or not their answers arrive. */
interface Witness {
  /** A session starts with these records, or none does without any. */
  started(session: string | null, pending: readonly SellRecord[]): void;
  /** A session takes a state from its queue, be the object readable or not. */
  taken(session: string, record: SellRecord, revision: number): void;
  /** A session leaves out a record of its queue, which is acknowledged, or was deleted before it was known. */
  skipped(session: string, record: SellRecord): void;
}

const MOST_CHANGES = 10;

const OVERSIZE_BYTES = { "too large": 1_500, "far too large": 4_000 };

/**
 * Sell's side of the Sync API: sessions, pages that are gone once they are taken, the freshest
 * state or, behind it, one that was queued before, and acknowledgements that belong to the device.
 * It outlives the connector.
 */
export class MemorySell {
  readonly records: SellRecord[] = [];
  readonly byKey = new Map<string, { record: SellRecord } & State>();
  readonly #schedule: Schedule;
  readonly #pageBytes: number | null;
  readonly #sessions = new Map<string, LiveSession>();
  readonly #refusedKeys = new Set<string>();
  /** Keys that it answered 202 to. */
  readonly #acceptedKeys = new Set<string>();
  #sessionCount = 0;
  #changes = 0;
  readonly #redelivered: () => void;
  chances: Chances;

  /** `redelivered` is told of each item whose key it had answered 202 to. */
  constructor(schedule: Schedule, chances: Chances, redelivered: () => void) {
    this.#schedule = schedule;
    this.#redelivered = redelivered;
    this.chances = chances;
    this.#pageBytes = schedule.random.chance(0.5) ? 100 : null;
  }

  add(type: string, oddity: Oddity | null): void {
    // Two types have records of the same id.
    const like = this.records.filter((record) => record.type === type);
    const id = String(like.length + 1);
    // Some were known before they changed.
    const known = this.#schedule.random.integer(0, 1);
    const record = { type, id, oddity, revision: known + 1, isDeleted: false };
    this.records.push({ ...record, acknowledged: known, handedOut: known });
  }

  /** The account lives: a record changes, or is deleted; a session may take it up at once. */
  change(): void {
    const { random } = this.#schedule;
    // What is on its way right now is the most interesting, or what is about to be.
    const isWaiting = random.chance(this.chances.stale);
    const interesting = this.records.filter(
      ({ handedOut, acknowledged, revision }) =>
        isWaiting ? handedOut < revision : handedOut > acknowledged,
    );
    this.#changeOneOf(random.chance(0.7) ? interesting : this.records);
  }

  #changeOneOf(choices: readonly SellRecord[]): void {
    const { random } = this.#schedule;
    const record = choices[random.integer(0, choices.length - 1)];
    if (record === undefined) return;
    if (record.isDeleted && !this.#mayComeBack(record)) return;
    if (++this.#changes > MOST_CHANGES) return;
    record.revision++;
    record.isDeleted = !record.isDeleted && random.chance(0.3);
    this.#schedule.tell(() => `Sell: ${keyOf(record)} is new`);
    for (const session of this.#sessions.values())
      if (!session.isGone && random.chance(0.7))
        session.queue.push(queued(record, session));
    if (record.isDeleted && this.#mayComeBack(record))
      this.#changeOneOf([record]);
  }

  /** One that was deleted before it was known stays away: a drain need not wait for it. */
  #mayComeBack({ acknowledged }: SellRecord): boolean {
    const { random } = this.#schedule;
    return acknowledged > 0 && random.chance(this.chances.restored);
  }

  record({ type, id }: Item): SellRecord | undefined {
    return this.records.find(
      (record) => record.type === type && record.id === id,
    );
  }

  get pending(): SellRecord[] {
    return this.records.filter(isPending);
  }

  /** The connector's view of it during one drain. */
  source(life: Life, witness: Witness): Source {
    return {
      open: async (signal) => {
        const id = await life.ask(
          () => "start",
          () => this.#start(witness),
          signal,
        );
        return id === null ? null : this.#session(id, life, witness);
      },
      acknowledge: (keys, signal) =>
        life.ask(
          () => `ack of ${keys.join(" ")}`,
          () => {
            this.#acknowledge(keys);
          },
          signal,
        ),
    };
  }

  #session(id: string, life: Life, witness: Witness): Session {
    return {
      id,
      pages: this.#schedule.random.chance(0.5) ? 3 : null,
      totalCount: null,
      fetch: (signal) =>
        life.ask(
          () => `fetch of ${id}`,
          () => this.#fetch(id, witness),
          signal,
        ),
    };
  }

  #start(witness: Witness): string | null {
    this.#trouble();
    const { random } = this.#schedule;
    const again = random.chance(this.chances.reissued) ? this.#accepted() : [];
    const pending = this.pending;
    const queue = random.shuffled([...pending, ...again]);
    const id = queue.length > 0 ? `s${++this.#sessionCount}` : null;
    witness.started(id, pending);
    if (id !== null) {
      const keepsStates = random.chance(this.chances.stale);
      this.#sessions.set(id, {
        id,
        queue: queue.map((one) =>
          "isReissued" in one ? one : queued(one, { keepsStates }),
        ),
        keepsStates,
        isGone: false,
      });
      this.#loseAnswer();
      return id;
    }
    this.#loseAnswer();
    return null;
  }

  #fetch(id: string, witness: Witness): Page | null {
    const { random } = this.#schedule;
    const session = this.#sessions.get(id);
    this.#trouble();
    if (session === undefined || session.isGone)
      throw new SessionLostFault("404");
    if (random.chance(this.chances.sessionLost)) {
      session.isGone = true;
      throw new SessionLostFault("404, expired");
    }
    if (random.chance(this.chances.emptyPage)) return this.#page([], []);
    const items: Item[] = [];
    const failed: { type: string; id: string }[] = [];
    const taken: SellRecord[] = [];
    const size = random.integer(1, 4);
    while (items.length + failed.length < size) {
      const queued = session.queue.pop();
      if (queued === undefined) break;
      const { record, isReissued } = queued;
      const state = { ...record, ...queued.state };
      if (isReissued) {
        items.push(this.#instruction(record, state, id));
        continue;
      }
      if (!isPending(state)) {
        witness.skipped(id, record);
        continue;
      }
      witness.taken(id, record, state.revision);
      taken.push(record);
      if (random.chance(this.chances.failedObject)) {
        failed.push({ type: record.type, id: record.id });
      } else items.push(this.#instruction(record, state, id));
    }
    if (random.chance(this.chances.change)) this.#changeOneOf(taken);
    this.#schedule.tell(
      () =>
        `Sell hands out ${items.map(({ ackKey }) => ackKey ?? "what has no key").join(" ")}, and can't read ${failed.length} objects`,
    );
    this.#loseAnswer();
    if (items.length + failed.length > 0) return this.#page(items, failed);
    // After its end a session may be known a while, or not.
    session.isGone = random.chance(0.5);
    return null;
  }

  #acknowledge(keys: readonly AckKey[]): void {
    const { random } = this.#schedule;
    this.#trouble();
    for (const key of keys)
      if (random.chance(this.chances.ackRefused)) this.#refusedKeys.add(key);
    const refused = keys.filter((key) => this.#refusedKeys.has(key));
    if (refused.length > 0) {
      // What Sell won't take now, it may take another time.
      if (keys.length === 1) this.#refusedKeys.delete(keys[0] ?? "");
      throw new AckRefusedFault("422");
    }
    const process = () => {
      for (const key of keys) {
        const known = this.byKey.get(key);
        if (known === undefined) throw new Error(`unknown key ${key}`);
        const { record, revision } = known;
        record.acknowledged = Math.max(record.acknowledged, revision);
      }
    };
    if (random.chance(this.chances.ackLate))
      this.#schedule.later(() => `Sell processes ${keys.join(" ")}`, process);
    else if (!random.chance(this.chances.ackLost)) process();
    this.#loseAnswer();
    for (const key of keys) this.#acceptedKeys.add(key);
  }

  /** Some of what it answered 202 to. */
  #accepted(): Queued[] {
    return [...this.#acceptedKeys].flatMap((key) => {
      const known = this.byKey.get(key);
      if (known === undefined || this.#schedule.random.chance(0.5)) return [];
      const { record, revision, isDeleted } = known;
      const state = { revision, isDeleted };
      return [{ record, state, isReissued: true }];
    });
  }

  /** Some record, as it would be handed out now. */
  anyInstruction(): Item | null {
    const place = this.#schedule.random.integer(0, this.records.length - 1);
    const record = this.records[place];
    return record === undefined ? null : this.#itemOf(record, "elsewhere");
  }

  #instruction(record: SellRecord, state: SellRecord, session: string): Item {
    const { revision, isDeleted } = state;
    const key = keyOf(state);
    record.handedOut = Math.max(record.handedOut, revision);
    this.byKey.set(key, { record, revision, isDeleted });
    if (this.#acceptedKeys.has(key)) this.#redelivered();
    return this.#itemOf(state, session);
  }

  #itemOf(record: SellRecord, session: string): Item {
    const key = keyOf(record);
    const { type, id, revision, oddity, isDeleted } = record;
    const data = Buffer.from(dataOf(record));
    const one = change({
      type: oddity === "no legal topic" ? `a ${type}` : type,
      id,
      recordKey: id,
      ackKey: oddity === "no ack key" ? null : (key as AckKey),
      op: isDeleted ? "d" : record.acknowledged === 0 ? "c" : "u",
      eventType: isDeleted
        ? "deleted"
        : record.acknowledged === 0
          ? "created"
          : "updated",
      session,
      data,
      item: data,
    });
    const item: Item = {
      ...one,
      revision: oddity === "no revision" ? null : revision,
    };
    return oddity === "malformed"
      ? { ...item, kind: "malformed", problem: "no data" }
      : item;
  }

  #page(items: Item[], failedObjects: Page["failedObjects"]): Page {
    const bytes = items.reduce((sum, { item }) => sum + item.length, 20);
    return {
      items,
      failedObjects,
      bytes: items.length === 0 ? 20 : (this.#pageBytes ?? bytes),
      countLeft: this.#schedule.random.pick([null, 4, 40]),
    };
  }

  /** Refusals before a request has any effect. */
  #trouble(): void {
    const { random } = this.#schedule;
    if (random.chance(this.chances.denied))
      throw new DeniedFault("sell", "401");
    if (random.chance(this.chances.throttled)) throw new ThrottledFault("429");
    if (random.chance(this.chances.unavailable))
      throw new UnavailableFault("503");
  }

  /** The request had its effect, and nobody hears of it. */
  #loseAnswer(): void {
    if (this.#schedule.random.chance(this.chances.answerLost))
      throw new UnavailableFault("cut");
  }
}

function queued(
  record: SellRecord,
  { keepsStates }: Pick<LiveSession, "keepsStates">,
): Queued {
  const { revision, isDeleted } = record;
  const state = keepsStates ? { revision, isDeleted } : null;
  return { record, state, isReissued: false };
}

/** A record that was deleted before the device ever knew it does not appear. */
export function isPending(record: SellRecord): boolean {
  return (
    record.acknowledged < record.revision &&
    !(record.isDeleted && record.acknowledged === 0)
  );
}

export function keyOf({ type, id, revision }: SellRecord): string {
  return `${type}-${id}-${revision}`;
}

function dataOf({ id, revision, oddity, isDeleted }: SellRecord): string {
  if (isDeleted) return `{"id":${id}}`;
  const size =
    oddity === "too large" || oddity === "far too large"
      ? OVERSIZE_BYTES[oddity]
      : 0;
  return `{"id":${id},"rev":${revision},"text":"${"x".repeat(size)}"}`;
}
