import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  Address,
  Content,
  Entry,
  FindingKind,
  FoundEntry,
  InKafka,
  InSell,
} from "./ledger-entry.ts";
import { openLedgerFile, storageFault } from "./ledger-file.ts";
import {
  COUNT_SUSPECTS,
  DELETED,
  ENTRIES,
  FINDINGS,
  JUDGE_AGREED,
  JUDGE_DEAD_LETTERED,
  JUDGE_STANDING,
  LIVE,
  MARK_ABSENT,
  NOTE_KAFKA,
  NOTE_SELL,
  OPEN,
  OTHER_CONNECTORS,
  REMEMBER,
  SCHEMA,
} from "./ledger-sql.ts";

/**
 * What both sides hold of each record, in a private SQLite database. It keeps digests in place of
 * contents, so that memory stays flat. Throws a LedgerUnwritable when the disk takes no more.
 */
export class Ledger implements Disposable {
  readonly #folder: string;
  readonly #database: DatabaseSync;
  readonly #topics = new Map<string, number>();
  readonly #noteKafka: StatementSync;
  readonly #noteSell: StatementSync;
  readonly #find: StatementSync;

  /** Creates its file in the folder, which need not have room for everything yet. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#database = openLedgerFile(folder, SCHEMA);
    // One transaction for all notes: a page of the file is written when the cache is full, not for each batch.
    this.#database.exec("BEGIN");
    this.#noteKafka = this.#database.prepare(NOTE_KAFKA);
    this.#noteSell = this.#database.prepare(NOTE_SELL);
    this.#find = this.#database.prepare(
      "SELECT k_schema, s_round, s_revision, verdict FROM entry WHERE topic = ? AND key = ?",
    );
  }

  /** Stores the newest records of some keys; call it in the order of each partition. */
  noteKafka(records: readonly InKafka[]): void {
    this.#onDisk(() => {
      for (const record of records) {
        const { topic, key, content, partition, offset } = record;
        this.#noteKafka.run(
          this.#idOf(topic),
          key,
          ...columnsOf(content),
          partition,
          Number(offset),
          record.revision,
          record.otherConnector,
        );
      }
    });
  }

  /** The schema of the record in Kafka, as in `Content`; 0 when Kafka has no such record. */
  schemaOf(address: Address): number {
    return this.#row(address)?.k_schema ?? 0;
  }

  /** Whether a record was seen and is not judged yet. */
  isOpen(address: Address): boolean {
    return this.#row(address)?.verdict === OPEN;
  }

  /** Stores what Sell handed out in a round; the highest revision of a record counts. */
  noteSell(records: readonly InSell[], round: number): void {
    this.#onDisk(() => {
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
    return this.#onDisk(() => {
      const run = (sql: string) => this.#database.prepare(sql).run({ round });
      if (isComplete) run(MARK_ABSENT);
      run(JUDGE_AGREED);
      run(JUDGE_DEAD_LETTERED);
      run(JUDGE_STANDING);
      run(REMEMBER);
      // Writes what is left in the cache, so that reading needs no more space.
      this.#database.exec("COMMIT; BEGIN");
      const row = this.#database.prepare(COUNT_SUSPECTS).get() as {
        open: number;
      };
      return row.open;
    });
  }

  /** Every record, ordered by topic and by the bytes of the key. */
  *entries(): Generator<Entry> {
    for (const [name, topic] of this.#topicsByName())
      for (const row of this.#database.prepare(ENTRIES).iterate({ topic }))
        yield { ...(row as unknown as Entry), topic: name };
  }

  /** Every record of one kind, ordered by topic and by the bytes of the key. */
  *findings(kind: FindingKind): Generator<FoundEntry> {
    for (const [name, topic] of this.#topicsByName())
      for (const row of this.#database
        .prepare(FINDINGS)
        .iterate({ topic, kind }))
        yield { ...(row as unknown as FoundEntry), topic: name };
  }

  /** Up to `most` other connectors that wrote records which differ, ordered by name. */
  otherConnectors(most: number): string[] {
    const rows = this.#database.prepare(OTHER_CONNECTORS).all({ most });
    return (rows as unknown as { connector: string }[]).map(
      ({ connector }) => connector,
    );
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
    const id = this.#topics.size;
    this.#topics.set(topic, id);
    return id;
  }

  #topicsByName(): [name: string, topic: number][] {
    return [...this.#topics].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #onDisk<T>(task: () => T): T {
    try {
      return task();
    } catch (error) {
      throw storageFault(error, this.#folder) ?? error;
    }
  }
}

interface Row {
  readonly k_schema: number;
  readonly s_round: number;
  readonly s_revision: string | null;
  readonly verdict: number;
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
