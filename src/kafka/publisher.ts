import type { Encoder } from "../format/encoder.ts";
import type { Change, Item } from "../pipeline/change.ts";
import { RecordFault, TypeFault } from "../pipeline/faults.ts";
import type { Sink } from "../pipeline/ports.ts";
import { fingerprint, type Fingerprint } from "../pipeline/fingerprints.ts";
import { inOrderOfRevision } from "../pipeline/revision-order.ts";
import { RevisionMemory } from "../pipeline/revision-memory.ts";
import { Settled, type Fate, type Outcome } from "../pipeline/settled.ts";
import {
  DeadLetters,
  deferred,
  letterKey,
  type DeadLetter,
} from "./dead-letters.ts";
import { reasonOf } from "./errors.ts";
import type { Settling } from "./journal.ts";
import { loads, recordName, type Parcel } from "./parcels.ts";
import {
  untilAvailable,
  writePatiently,
  type PatienceOptions,
  type Refused,
} from "./patience.ts";
import type { KafkaRecord } from "./producer.ts";
import type { Router } from "./route.ts";
import type { Topics } from "./topics.ts";

export interface PublisherOptions extends PatienceOptions {
  /** Records that are written together with those of an item, or in their place. */
  readonly entriesFor: (item: Item, fate: Settling) => readonly KafkaRecord[];
  readonly encoder: Encoder;
  readonly router: Router;
  readonly topics: Pick<Topics, "prepare" | "refused">;
  readonly connectorName: string;
  readonly deadLetterTopic: string;
  readonly revisions?: RevisionMemory;
  /** What each record of the publication under way carries besides its own headers. */
  readonly batchHeaders?: () => Readonly<Record<string, string>>;
}

const QUIET_REFUSALS = 3;

/** Of a revision that this process did not confirm: it supersedes nothing, and holds back what is older. */
export const NO_SESSION = 0;

/** Publishes items to Kafka, each to its fate. One call at a time. */
export class Publisher implements Sink {
  readonly #options: PublisherOptions;
  readonly #deadLetters: DeadLetters;
  readonly #revisions: RevisionMemory;
  #session = "";
  #sessionNumber = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#revisions = options.revisions ?? new RevisionMemory();
    this.#deadLetters = new DeadLetters(options);
  }

  publish(items: readonly Item[], signal: AbortSignal): Promise<Settled> {
    return Settled.once(this.settle(items, signal));
  }

  /** Resolves as `publish` does. */
  async settle(
    items: readonly Item[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const changes: Change[] = [];
    for (const item of items) {
      if (item.session !== this.#session) {
        this.#session = item.session;
        this.#sessionNumber++;
      }
      if (item.kind === "change") changes.push(item);
      else
        outcomes.push(
          await this.#deadLetters.bury(
            malformed(item, this.#options.router),
            signal,
          ),
        );
    }
    const ready = await this.#readyTypes(changes, signal);
    const parcels: Parcel[] = [];
    for (const change of inOrderOfRevision(changes)) {
      const topic = ready.get(change.type);
      const parcel =
        topic instanceof Error
          ? topic
          : this.#parcel(change, topic ?? this.#nameOf(change));
      if ("records" in parcel) parcels.push(parcel);
      else if (parcel instanceof Error)
        outcomes.push(await this.#refuse(change, parcel, signal));
      else outcomes.push(parcel);
    }
    for (const load of loads(parcels))
      outcomes.push(...(await this.#write(load, signal)));
    return outcomes;
  }

  /** The topic of each type that can be written now, or why it can't. */
  async #readyTypes(
    changes: readonly Change[],
    signal: AbortSignal,
  ): Promise<Map<string, string | Error>> {
    const { router, topics, encoder } = this.#options;
    const ready = new Map<string, string | Error>();
    for (const { type } of changes) {
      if (!ready.has(type))
        ready.set(
          type,
          attempt(() => router.topic(type)),
        );
    }
    const wanted = [...ready.values()].filter((t) => typeof t === "string");
    const faults = await topics.prepare([...new Set(wanted)], signal);
    for (const [type, topic] of ready) {
      if (typeof topic !== "string") continue;
      const fault =
        faults.get(topic) ??
        (await untilAvailable(this.#options, "registry", signal, () =>
          encoder.prepare(type, topic, signal),
        ));
      if (fault instanceof Error) ready.set(type, fault);
    }
    return ready;
  }

  #parcel(change: Change, topic: string): Parcel | Outcome | Error {
    const { encoder, router, entriesFor, batchHeaders } = this.#options;
    const name = recordName(change, topic);
    const print = fingerprint(name);
    const fate = this.#fateByRevision(change, print);
    if (fate?.kind === "superseded") {
      const records = entriesFor(change, "superseded");
      if (records.length > 0)
        return { change, name, print, topic, fate, records };
    }
    if (fate !== null) return { item: change, fate };
    const payloads = attempt(() => encoder.encode(change, topic));
    if (payloads instanceof Error) return payloads;
    const key = router.key(change.type, change.recordKey);
    const records = payloads.map(({ value, headers }) => ({
      topic,
      key,
      value,
      headers:
        batchHeaders === undefined
          ? headers
          : { ...headers, ...batchHeaders() },
    }));
    return {
      change,
      name,
      print,
      topic,
      fate: { kind: "published" },
      records: [...records, ...entriesFor(change, "published")],
    };
  }

  /** Deletes and equal revisions are always published; an older state never follows a newer one. */
  #fateByRevision(change: Change, print: Fingerprint): Fate | null {
    if (change.revision === null || change.op === "d") return null;
    const known = this.#revisions.recall(print);
    if (known === null || known.revision <= change.revision) return null;
    return known.session === this.#sessionNumber
      ? { kind: "superseded" }
      : {
          kind: "deferred",
          reason: `Sell sent an older revision of ${change.type} records than was published in an earlier session, or written without a confirmation`,
        };
  }

  /** Writes parcels; what the brokers refuse is narrowed down to the records or topics at fault. */
  async #write(
    parcels: readonly Parcel[],
    signal: AbortSignal,
    refusals = 0,
  ): Promise<Outcome[]> {
    const error = await this.#attempt(parcels, signal);
    if (error === null) {
      for (const parcel of parcels) this.#remember(parcel, this.#sessionNumber);
      return parcels.map(({ change: item, fate }) => ({ item, fate }));
    }
    const [first] = parcels;
    if (first === undefined) return [];
    if (error.refusal === "topic") {
      const groups = Map.groupBy(parcels, ({ topic }) => topic);
      if (groups.size > 1) return this.#writeEach([...groups.values()], signal);
      const { topics, retrying } = this.#options;
      const fault = await topics.refused(first.topic, error.cause, signal);
      if (fault === null) {
        // A broker may not know yet of a topic that was just created.
        if (refusals >= QUIET_REFUSALS)
          retrying("publish", error.cause, refusals + 1);
        return this.#write(parcels, signal, refusals + 1);
      }
      // Some partitions may have taken their part: nothing older may follow it.
      for (const parcel of parcels) this.#remember(parcel, NO_SESSION);
      return parcels.map(({ change: item }) => deferred(item, fault));
    }
    if (parcels.length > 1) {
      const middle = parcels.length >> 1;
      return this.#writeEach(
        [parcels.slice(0, middle), parcels.slice(middle)],
        signal,
      );
    }
    const fault = new RecordFault(
      "publish",
      `the brokers refuse the record in ${first.topic}: ${reasonOf(error.cause)}`,
      { cause: error.cause },
    );
    return [await this.#refuse(first.change, fault, signal)];
  }

  async #attempt(
    parcels: readonly Parcel[],
    signal: AbortSignal,
  ): Promise<Refused | null> {
    const records = parcels.flatMap((parcel) => parcel.records);
    try {
      return await writePatiently(this.#options, [records], signal);
    } catch (error) {
      // It is given up, and may have been written: nothing older may follow it.
      for (const parcel of parcels) this.#remember(parcel, NO_SESSION);
      throw error;
    }
  }

  async #writeEach(
    groups: readonly (readonly Parcel[])[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const group of groups)
      outcomes.push(...(await this.#write(group, signal)));
    return outcomes;
  }

  #remember({ change, print }: Parcel, session: number): void {
    if (change.revision !== null)
      this.#revisions.note(print, change.revision, session);
  }

  /** A fault of the record makes a dead letter; a fault of its topic or schema leaves it to a later session. */
  async #refuse(
    change: Change,
    fault: Error,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (fault instanceof TypeFault) return deferred(change, fault);
    if (!(fault instanceof RecordFault)) throw fault;
    const key = letterKey(change, this.#options.router);
    const originalTopic = this.#nameOf(change);
    return this.#deadLetters.bury(
      { item: change, fault, key, originalTopic },
      signal,
    );
  }

  #nameOf(change: Change): string {
    return this.#options.router.nameOf(change.type);
  }
}

function malformed(
  item: Extract<Item, { kind: "malformed" }>,
  router: Router,
): DeadLetter {
  return {
    item,
    fault: new RecordFault("decode", item.problem),
    key: letterKey(item, router),
    originalTopic: item.type === null ? null : router.nameOf(item.type),
  };
}

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    if (error instanceof RecordFault || error instanceof TypeFault)
      return error;
    throw error;
  }
}
