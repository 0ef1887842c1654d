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

/** The state of a record on one side; equal on both sides when the record is the same. */
export type Content =
  | {
      readonly kind: "live";
      readonly digest: Uint8Array;
      /** The id of the schema that both sides are compared by; 0 for plain JSON, negative for a value that can't be read. */
      readonly schema: number;
    }
  | { readonly kind: "deleted" };

/** Where a record belongs in Kafka: its topic, and its key there. */
export interface Address {
  readonly topic: string;
  readonly key: string;
}

export interface InKafka extends Address {
  readonly content: Content;
  readonly partition: number;
  readonly offset: bigint;
  readonly revision: string | null;
}

export interface InSell extends Address {
  readonly content: Content;
  readonly revision: string | null;
  /** Whether a dead-letter record that waits for its replay holds the same. */
  readonly isDeadLettered: boolean;
}

/**
 * What both sides hold of each record, in a private SQLite database: a file without a name that is
 * gone when the process ends. It keeps digests in place of contents, so that memory stays flat.
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

  /** Stores the newest records of some keys; call it in the order of each partition. */
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

  /** The schema of the record in Kafka, as in `Content`; 0 when Kafka has no such record. */
  schemaOf({ topic, key }: Address): number {
    return this.#row({ topic, key })?.k_schema ?? 0;
  }

  /** Whether a record was seen and is not judged yet. */
  isOpen(address: Address): boolean {
    return this.#row(address)?.verdict === OPEN;
  }

  /** Stores what Sell handed out in a round; the highest revision of a record counts. */
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
   * Judges the open records by the newest state of both sides. With `isComplete`, a record that
   * Sell did not hand out in this round is gone from Sell. A difference counts once two rounds saw
   * it and neither side changed in between: before that, it may be a change on its way. Returns
   * how many records are still open.
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

  /** Counts by topic, and by the type that keys begin with where one topic holds all types. */
  *counts(): Generator<LedgerCount> {
    for (const row of this.#database.prepare(COUNTS).iterate()) {
      const { topic, ...rest } = row as unknown as LedgerCount & {
        topic: number;
      };
      yield { ...rest, topic: this.#names[topic] ?? "" };
    }
  }

  /** Up to `most` records of one kind, in any order. */
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

  #row({ topic, key }: Address): Row | undefined {
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

/** The outcome of comparing both sides of a record. */
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
  /** The part of the key before its first colon. */
  readonly prefix: string;
  readonly kind: Kind;
  readonly inSell: number;
  readonly inKafka: number;
  readonly count: number;
}

export interface Example extends Address {
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
