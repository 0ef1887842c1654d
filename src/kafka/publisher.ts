import type { Encoder, Payload } from "../format/encoder.ts";
import { Backoff } from "../pipeline/backoff.ts";
import type { Change, Item } from "../pipeline/change.ts";
import type { Clock } from "../pipeline/clock.ts";
import {
  RecordFault,
  TypeFault,
  UnavailableFault,
} from "../pipeline/faults.ts";
import type { Attempt } from "../pipeline/observer.ts";
import type { Sink } from "../pipeline/ports.ts";
import { RevisionMemory } from "../pipeline/revision-memory.ts";
import { Settled, type Fate, type Outcome } from "../pipeline/settled.ts";
import { chunksOf, deadLetterRecord, type DeadLetter } from "./dead-letters.ts";
import { reasonOf, refusalOf } from "./errors.ts";
import type { KafkaRecord, Writer } from "./producer.ts";
import type { Router } from "./route.ts";

export interface PublisherOptions {
  readonly encoder: Encoder;
  readonly router: Router;
  readonly topics: TopicPreparer;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly connectorName: string;
  readonly deadLetterTopic: string;
  readonly retrying: (what: Attempt, error: unknown, failures: number) => void;
}

/** What the publisher needs of `Topics`. */
export interface TopicPreparer {
  prepare(
    topics: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, TypeFault | RecordFault>>;
  refused(topic: string, error: unknown): TypeFault;
}

/** A change with the records that stand for it: all of them are durable, or none counts. */
interface Parcel {
  readonly change: Change;
  readonly topic: string;
  readonly records: readonly KafkaRecord[];
  readonly bytes: number;
}

/**
 * One `sendBatch` makes one record batch per partition, and a broker takes 1 MiB of it by
 * default. Bytes are counted per topic, which is never less than per partition.
 */
const MAX_WRITE_BYTES_PER_TOPIC = 900_000;
const RECORD_OVERHEAD_BYTES = 70;
const LARGEST_CHUNK_BYTES = 512 * 1024;
const SMALLEST_CHUNK_BYTES = 1024;

/** Publishes items to Kafka with at-least-once delivery, each to its fate. One call at a time. */
export class Publisher implements Sink {
  readonly #options: PublisherOptions;
  readonly #revisions = new RevisionMemory();
  #session = "";
  #sessionNumber = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  publish(items: readonly Item[], signal: AbortSignal): Promise<Settled> {
    return Settled.once(this.#settle(items, signal));
  }

  async #settle(
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
      else outcomes.push(await this.#bury(malformed(item), signal));
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
        (await this.#untilAvailable("registry", signal, () =>
          encoder.prepare(type, topic, signal),
        ));
      if (fault instanceof Error) ready.set(type, fault);
    }
    return ready;
  }

  #parcel(change: Change, topic: string): Parcel | Outcome | Error {
    const { encoder, router } = this.#options;
    const fate = this.#fateByRevision(change, topic);
    if (fate !== null) return { item: change, fate };
    const payloads = attempt(() => encoder.encode(change, topic));
    if (payloads instanceof Error) return payloads;
    const key = router.key(change.type, change.recordKey);
    return {
      change,
      topic,
      records: payloads.map((payload) => ({ topic, key, ...payload })),
      bytes: payloads.reduce((sum, payload) => sum + sizeOf(key, payload), 0),
    };
  }

  /** Deletes and equal revisions are always published; an older state never follows a newer one. */
  #fateByRevision(change: Change, topic: string): Fate | null {
    if (change.revision === null || change.op === "d") return null;
    const known = this.#revisions.recall(recordName(change, topic));
    if (known === null || known.revision <= change.revision) return null;
    return known.session === this.#sessionNumber
      ? { kind: "superseded" }
      : {
          kind: "deferred",
          reason: `Sell sent an older revision of ${change.type} records than was published in an earlier session`,
        };
  }

  /** Writes parcels; what the brokers refuse is narrowed down to the records or topics at fault. */
  async #write(
    parcels: readonly Parcel[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const error = await this.#attemptWrite(
      parcels.flatMap(({ records }) => records),
      signal,
    );
    if (error === null) {
      for (const parcel of parcels) this.#remember(parcel);
      return parcels.map(({ change: item }) => ({
        item,
        fate: { kind: "published" },
      }));
    }
    const [first] = parcels;
    if (first === undefined) return [];
    if (error.refusal === "topic") {
      const groups = Map.groupBy(parcels, ({ topic }) => topic);
      if (groups.size > 1) return this.#writeEach([...groups.values()], signal);
      const fault = this.#options.topics.refused(first.topic, error.cause);
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

  async #writeEach(
    groups: readonly (readonly Parcel[])[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const group of groups)
      outcomes.push(...(await this.#write(group, signal)));
    return outcomes;
  }

  #remember({ change, topic }: Parcel): void {
    if (change.revision !== null)
      this.#revisions.note(
        recordName(change, topic),
        change.revision,
        this.#sessionNumber,
      );
  }

  /** A fault of the record makes a dead letter; a fault of its topic or schema leaves it to a later session. */
  async #refuse(
    change: Change,
    fault: Error,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (fault instanceof TypeFault) return deferred(change, fault);
    if (!(fault instanceof RecordFault)) throw fault;
    const key = this.#options.router.key(change.type, change.recordKey);
    const originalTopic = this.#nameOf(change);
    return this.#bury({ item: change, fault, key, originalTopic }, signal);
  }

  async #bury(letter: DeadLetter, signal: AbortSignal): Promise<Outcome> {
    const { deadLetterTopic, connectorName, topics } = this.#options;
    const { item, fault } = letter;
    const notReady = await topics.prepare([deadLetterTopic], signal);
    const why = notReady.get(deadLetterTopic);
    if (why !== undefined) return deferred(item, why);
    const buried: Outcome = {
      item,
      fate: {
        kind: "dead-lettered",
        stage: fault.stage,
        reason: fault.message,
      },
    };
    const record = deadLetterRecord(letter, deadLetterTopic, connectorName);
    let error = await this.#attemptWrite([record], signal);
    let chunkBytes = LARGEST_CHUNK_BYTES;
    while (error?.refusal === "record" && chunkBytes >= SMALLEST_CHUNK_BYTES) {
      for (const chunk of chunksOf(record, chunkBytes)) {
        error = await this.#attemptWrite([chunk], signal);
        if (error !== null) break;
      }
      chunkBytes /= 2;
    }
    if (error === null) return buried;
    return deferred(item, topics.refused(deadLetterTopic, error.cause));
  }

  /** Writes records, as often as it takes while brokers are away; answers what else they refuse them for. */
  async #attemptWrite(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
  ): Promise<{ refusal: "record" | "topic"; cause: unknown } | null> {
    const { writer, clock } = this.#options;
    const refused = await this.#untilAvailable("publish", signal, async () => {
      try {
        await writer.write(records, clock.epochMs(), signal);
      } catch (cause) {
        const refusal = refusalOf(cause);
        if (refusal === "unavailable")
          throw new UnavailableFault(
            `Kafka does not confirm: ${reasonOf(cause)}`,
            { cause },
          );
        return { refusal, cause };
      }
      return null;
    });
    if (refused instanceof Error) throw refused;
    return refused;
  }

  /** Repeats a task while its server is away. Answers its result, or the fault that stands. */
  async #untilAvailable<T>(
    what: Attempt,
    signal: AbortSignal,
    task: () => Promise<T>,
  ): Promise<T | Error> {
    const { clock, retrying } = this.#options;
    const backoff = new Backoff(clock, { baseMs: 200, capMs: 10_000 });
    for (;;) {
      try {
        return await task();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof TypeFault || error instanceof RecordFault)
          return error;
        if (!(error instanceof UnavailableFault)) throw error;
        retrying(what, error, backoff.failures + 1);
        await backoff.failed(signal);
      }
    }
  }

  #nameOf(change: Change): string {
    return this.#options.router.nameOf(change.type);
  }
}

function malformed(item: Extract<Item, { kind: "malformed" }>): DeadLetter {
  return {
    item,
    fault: new RecordFault("decode", item.problem),
    key: `${item.type ?? "-"}:-`,
    originalTopic: null,
  };
}

function deferred(item: Item, fault: Error): Outcome {
  return { item, fate: { kind: "deferred", reason: fault.message } };
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

function recordName(change: Change, topic: string): string {
  return `${topic}\n${change.type}\n${change.recordKey}`;
}

/** The same order, but that the revisions of one record rise. */
function inOrderOfRevision(changes: readonly Change[]): readonly Change[] {
  const places = new Map<string, number[]>();
  changes.forEach((change, place) => {
    if (change.revision === null) return;
    const record = `${change.type}\n${change.recordKey}`;
    const known = places.get(record);
    if (known === undefined) places.set(record, [place]);
    else known.push(place);
  });
  const ordered = [...changes];
  for (const own of places.values()) {
    if (own.length === 1) continue;
    const rising = own
      .flatMap((place) => changes[place] ?? [])
      .sort((a, b) => compare(a.revision, b.revision));
    own.forEach((place, index) => {
      const change = rising[index];
      if (change !== undefined) ordered[place] = change;
    });
  }
  return ordered;
}

function compare(a: number | bigint | null, b: number | bigint | null): number {
  if (a === null || b === null || a === b) return 0;
  return a < b ? -1 : 1;
}

function sizeOf(key: string, { value, headers }: Payload): number {
  let bytes = RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0);
  for (const name in headers)
    bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}

/** Cuts parcels, in their order, into what one write may hold of each topic. */
function* loads(parcels: readonly Parcel[]): Generator<readonly Parcel[]> {
  let load: Parcel[] = [];
  let bytes = new Map<string, number>();
  for (const parcel of parcels) {
    const sum = (bytes.get(parcel.topic) ?? 0) + parcel.bytes;
    if (sum > MAX_WRITE_BYTES_PER_TOPIC && load.length > 0) {
      yield load;
      load = [];
      bytes = new Map();
    }
    load.push(parcel);
    bytes.set(parcel.topic, (bytes.get(parcel.topic) ?? 0) + parcel.bytes);
  }
  if (load.length > 0) yield load;
}
