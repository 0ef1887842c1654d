import type { Encoder } from "../format/encoder.ts";
import type { Change, Item } from "../domain/change.ts";
import { cutText } from "../lib/cut-text.ts";
import { RecordFault, TypeFault } from "../domain/faults.ts";
import type { Sink } from "../domain/ports.ts";
import { fingerprint, type Fingerprint } from "../lib/fingerprints.ts";
import { inOrderOfRevision } from "./revision-order.ts";
import { RevisionMemory } from "./revision-memory.ts";
import { Settled, type Fate, type Outcome } from "../domain/settled.ts";
import {
  DeadLetters,
  deferred,
  letterOf,
  type DeadLetter,
} from "./dead-letter-records.ts";
import type { Settling } from "./exactly-once/journal.ts";
import { loads, recordName, type Parcel } from "./write-batches.ts";
import { ParcelWriter } from "./batch-writer.ts";
import { untilAvailable, type PatienceOptions } from "./retrying-write.ts";
import type { KafkaRecord } from "../kafka/write/producer.ts";
import { keyFault } from "./record-key.ts";
import type { Router } from "./router.ts";
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

/** Of a revision that this process did not confirm: it supersedes nothing, and holds back what is older. */
export const NO_SESSION = 0;

/** Publishes items to Kafka, each to its fate. One call at a time. */
export class Publisher implements Sink {
  readonly #options: PublisherOptions;
  readonly #deadLetters: DeadLetters;
  readonly #writer: ParcelWriter;
  readonly #revisions: RevisionMemory;
  #session = "";
  #sessionNumber = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#revisions = options.revisions ?? new RevisionMemory();
    this.#deadLetters = new DeadLetters(options);
    this.#writer = new ParcelWriter({
      ...options,
      confirmed: (parcel) => {
        this.#remember(parcel, this.#sessionNumber);
      },
      // Some partitions may have taken their part: nothing older may follow it.
      inDoubt: (parcel) => {
        this.#remember(parcel, NO_SESSION);
      },
    });
  }

  publish(items: readonly Item[], signal: AbortSignal): Promise<Settled> {
    return Settled.once(this.settle(items, signal));
  }

  /** Resolves as `publish` does. */
  async settle(
    items: readonly Item[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const { router } = this.#options;
    const prepared: (Parcel | DeadLetter | Outcome)[] = [];
    const changes: Change[] = [];
    for (const item of items) {
      if (item.session !== this.#session) {
        this.#session = item.session;
        this.#sessionNumber++;
      }
      const fault = faultOf(item, router);
      if (fault !== null) prepared.push(letterOf(item, fault, router));
      else if (item.kind === "change") changes.push(item);
    }
    const ready = await this.#readyTypes(changes, signal);
    for (const change of inOrderOfRevision(changes))
      prepared.push(this.#prepared(change, ready));
    return this.#deliver(prepared, signal);
  }

  /** Writes what is to be written, in its order. */
  async #deliver(
    prepared: readonly (Parcel | DeadLetter | Outcome)[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const parcels: Parcel[] = [];
    const hasLetters = prepared.some((one) => "fault" in one);
    const why = hasLetters ? await this.#deadLetters.notReady(signal) : null;
    for (const one of prepared) {
      if ("records" in one) parcels.push(one);
      else if (!("fault" in one)) outcomes.push(one);
      else if (why !== null) outcomes.push(deferred(one.item, why));
      else parcels.push(this.#deadLetters.parcel(one));
    }
    for (const load of loads(parcels))
      for (const outcome of await this.#write(load, signal))
        outcomes.push(outcome);
    return outcomes;
  }

  /** Writes a load; what the brokers refuse in it goes to the dead-letter topic before the next load. */
  async #write(
    load: readonly Parcel[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const { outcomes, refused } = await this.#writer.write(load, signal);
    const settled = [...outcomes];
    const letters: DeadLetter[] = [];
    for (const { parcel, fault } of refused) {
      if (parcel.fate.kind === "dead-lettered")
        settled.push(await this.#deadLetters.writeInChunks(parcel, signal));
      else letters.push(letterOf(parcel.item, fault, this.#options.router));
    }
    return letters.length === 0
      ? settled
      : [...settled, ...(await this.#deliver(letters, signal))];
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

  /** A fault of the record makes a dead letter; a fault of its topic or schema leaves it to a later session. */
  #prepared(
    change: Change,
    ready: ReadonlyMap<string, string | Error>,
  ): Parcel | DeadLetter | Outcome {
    const topic = ready.get(change.type);
    const parcel =
      topic instanceof Error
        ? topic
        : this.#parcel(change, topic ?? this.#nameOf(change));
    if (parcel instanceof TypeFault) return deferred(change, parcel);
    if (parcel instanceof RecordFault)
      return letterOf(change, parcel, this.#options.router);
    if (parcel instanceof Error) throw parcel;
    return parcel;
  }

  #parcel(change: Change, topic: string): Parcel | Outcome | Error {
    const { encoder, router, entriesFor, batchHeaders } = this.#options;
    const name = recordName(change, topic);
    const print = fingerprint(name);
    const known = { item: change, name, print, topic };
    const fate = this.#fateByRevision(change, print);
    if (fate?.kind === "superseded") {
      const records = entriesFor(change, "superseded");
      if (records.length > 0) return { ...known, fate, records };
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
      ...known,
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
          reason: `Sell sent an older revision of ${cutText(change.type, 100)} records than was published in an earlier session, or written without a confirmation`,
        };
  }

  #remember({ item, print }: Parcel, session: number): void {
    if (print !== null && item.revision !== null)
      this.#revisions.note(print, item.revision, session);
  }

  #nameOf({ type }: Change): string {
    return this.#options.router.nameOf(type);
  }
}

/** What keeps an item from being a record, whatever its topic; null when nothing does. */
function faultOf(item: Item, router: Router): RecordFault | null {
  return item.kind === "malformed"
    ? new RecordFault("decode", item.problem)
    : keyFault(router.key(item.type, item.recordKey));
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
