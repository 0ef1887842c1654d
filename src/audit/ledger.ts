import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  COUNTS,
  DELETED,
  EXAMPLES,
  IS_SUSPECT,
  JUDGE_AGREED,
  JUDGE_DEAD_LETTERED,
  JUDGE_STANDING,
  LIVE,
  MARK_ABSENT,
  NOTE_KAFKA,
  NOTE_SELL,
  OPEN,
  REMEMBER,
  SCHEMA,
} from "./ledger-sql.ts";

/** What a record says: Kafka's side is compared with Sell's by it. */
export type Content =
  | {
      readonly kind: "live";
      readonly digest: Uint8Array;
      /** The Avro schema in whose words it is put; 0 for JSON. */
      readonly schema: number;
    }
  | { readonly kind: "deleted" };

/** A record's place: the topic that it belongs to, and its key there. */
export interface Place {
  readonly topic: string;
  readonly key: string;
}

export interface InKafka extends Place {
  readonly content: Content;
  readonly partition: number;
  readonly offset: bigint;
  readonly revision: string | null;
}

export interface InSell extends Place {
  readonly content: Content;
  readonly revision: string | null;
  /** A dead letter holds just this. */
  readonly isDeadLettered: boolean;
}

/**
 * What is known of each record, in a private database of SQLite's: a file that has no name and
 * is gone with the process, however that ends. Digests stand for contents, so that memory stays flat.
 */
export class Ledger implements Disposable {
  readonly #database: DatabaseSync;
  readonly #topics = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #noteKafka: StatementSync;
  readonly #noteSell: StatementSync;
  readonly #find: StatementSync;

  constructor() {
    this.#database = new DatabaseSync("");
    this.#database.exec(SCHEMA);
    this.#noteKafka = this.#database.prepare(NOTE_KAFKA);
    this.#noteSell = this.#database.prepare(NOTE_SELL);
    this.#find = this.#database.prepare(
      "SELECT k_schema, s_round, s_revision, verdict FROM entry WHERE topic = ? AND key = ?",
    );
  }

  /** Takes the newest records of some keys, in the order of each partition. */
  noteKafka(records: readonly InKafka[]): void {
    this.#together(() => {
      for (const {
        topic,
        key,
        content,
        partition,
        offset,
        revision,
      } of records)
        this.#noteKafka.run(
          this.#idOf(topic),
          key,
          ...columnsOf(content),
          partition,
          Number(offset),
          revision,
        );
    });
  }

  /** The schema that a record was written with in Kafka: 0 for JSON, or for none. */
  schemaOf({ topic, key }: Place): number {
    return this.#row({ topic, key })?.k_schema ?? 0;
  }

  /** Whether a record is not judged yet, though it is known. */
  isOpen(place: Place): boolean {
    return this.#row(place)?.verdict === OPEN;
  }

  /** Takes what Sell handed out in a round; of one record the highest revision counts. */
  noteSell(records: readonly InSell[], round: number): void {
    this.#together(() => {
      for (const record of records) {
        const { topic, key, content, revision, isDeadLettered } = record;
        const known = this.#row(record);
        if (known?.s_round === round && isAbove(known.s_revision, revision))
          continue;
        this.#noteSell.run(
          this.#idOf(topic),
          key,
          round,
          ...columnsOf(content),
          revision,
          isDeadLettered ? 1 : 0,
        );
      }
    });
  }

  /**
   * Judges what is open by what both sides said last; `isComplete` tells that Sell handed out all
   * that it has in this round. A difference stands once it was seen in two rounds, with neither
   * side changed in between; before that, it may be a change on its way. Answers how many are open.
   */
  settle(round: number, isComplete: boolean): number {
    const run = (sql: string) => this.#database.prepare(sql).run({ round });
    if (isComplete) run(MARK_ABSENT);
    run(JUDGE_AGREED);
    run(JUDGE_DEAD_LETTERED);
    run(JUDGE_STANDING);
    run(REMEMBER);
    const row = this.#database
      .prepare(`SELECT count(*) AS open FROM entry WHERE ${IS_SUSPECT}`)
      .get() as { open: number };
    return row.open;
  }

  /** Counts by topic, and the type that keys begin with where one topic holds all types. */
  *counts(): Generator<LedgerCount> {
    for (const row of this.#database.prepare(COUNTS).iterate()) {
      const { topic, ...rest } = row as unknown as LedgerCount & {
        topic: number;
      };
      yield { ...rest, topic: this.#names[topic] ?? "" };
    }
  }

  /** Some records of one kind, in no particular order. */
  examples(kind: Kind, most: number): Example[] {
    const rows = this.#database.prepare(EXAMPLES).all({ kind, most });
    return (rows as unknown as (Example & { topic: number })[]).map((row) => ({
      ...row,
      topic: this.#names[row.topic] ?? "",
    }));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #row({ topic, key }: Place): Row | undefined {
    return this.#find.get(this.#idOf(topic), key) as Row | undefined;
  }

  #idOf(topic: string): number {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    this.#topics.set(topic, this.#names.length);
    return this.#names.push(topic) - 1;
  }

  #together(task: () => void): void {
    this.#database.exec("BEGIN");
    task();
    this.#database.exec("COMMIT");
  }
}

interface Row {
  readonly k_schema: number;
  readonly s_round: number;
  readonly s_revision: string | null;
  readonly verdict: number;
}

/** What can be said of a record, by both sides. */
export type Kind =
  | "agreed"
  | "missing"
  | "different"
  | "gone"
  | "deadLettered"
  | "undecided"
  | "unjudged";

export interface LedgerCount {
  readonly topic: string;
  /** The key's part before the first colon. */
  readonly prefix: string;
  readonly kind: Kind;
  readonly inSell: number;
  readonly inKafka: number;
  readonly count: number;
}

export interface Example extends Place {
  readonly partition: number | null;
  readonly offset: number | null;
  readonly kafkaRevision: string | null;
  readonly sellRevision: string | null;
}

function columnsOf(content: Content): [number, Uint8Array | null, number] {
  return content.kind === "live"
    ? [LIVE, content.digest, content.schema]
    : [DELETED, null, 0];
}

function isAbove(known: string | null, revision: string | null): boolean {
  return (
    known !== null && revision !== null && BigInt(known) > BigInt(revision)
  );
}
