import { DatabaseSync, type StatementSync } from "node:sqlite";

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

/** How a record of the two sides was judged; `open` is not judged yet. */
const OPEN = 0;
const AGREED = 1;
const DEAD_LETTERED = 2;
const STANDS = 3;

const ABSENT = 0;
const LIVE = 1;
const DELETED = 2;

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

/** `k_` is Kafka's side, `s_` Sell's in round `s_round`, `p_` what both said when it was judged last. */
const SCHEMA = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA cache_size = -32000;
  CREATE TABLE entry (
    topic INTEGER NOT NULL, key TEXT NOT NULL,
    k_state INTEGER NOT NULL DEFAULT ${ABSENT}, k_digest BLOB, k_schema INTEGER NOT NULL DEFAULT 0,
    k_partition INTEGER, k_offset INTEGER, k_revision TEXT,
    s_round INTEGER NOT NULL DEFAULT 0, s_state INTEGER NOT NULL DEFAULT ${ABSENT}, s_digest BLOB,
    s_schema INTEGER NOT NULL DEFAULT 0, s_revision TEXT, s_dead INTEGER NOT NULL DEFAULT 0,
    p_sell BLOB, p_offset INTEGER,
    verdict INTEGER NOT NULL DEFAULT ${OPEN},
    PRIMARY KEY (topic, key)
  ) WITHOUT ROWID`;

const NOTE_KAFKA = `
  INSERT INTO entry (topic, key, k_state, k_digest, k_schema, k_partition, k_offset, k_revision)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET k_state = excluded.k_state, k_digest = excluded.k_digest,
    k_schema = excluded.k_schema, k_partition = excluded.k_partition,
    k_offset = excluded.k_offset, k_revision = excluded.k_revision`;

const NOTE_SELL = `
  INSERT INTO entry (topic, key, s_round, s_state, s_digest, s_schema, s_revision, s_dead)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET s_round = excluded.s_round, s_state = excluded.s_state,
    s_digest = excluded.s_digest, s_schema = excluded.s_schema,
    s_revision = excluded.s_revision, s_dead = excluded.s_dead`;

const MARK_ABSENT = `
  UPDATE entry SET s_round = $round, s_state = ${ABSENT}, s_digest = NULL, s_dead = 0
  WHERE verdict = ${OPEN} AND s_round <> $round`;

const JUDGE_AGREED = `
  UPDATE entry SET verdict = ${AGREED}
  WHERE verdict = ${OPEN} AND s_round = $round AND CASE s_state
    WHEN ${LIVE} THEN k_state = ${LIVE} AND k_digest = s_digest AND k_schema = s_schema
    ELSE k_state <> ${LIVE} END`;

const JUDGE_DEAD_LETTERED = `
  UPDATE entry SET verdict = ${DEAD_LETTERED}
  WHERE verdict = ${OPEN} AND s_round = $round AND s_dead = 1`;

const SELL_SAYS = `coalesce(s_digest, CAST(CASE s_state WHEN ${LIVE} THEN 'live' ELSE '' END AS BLOB))`;

const JUDGE_STANDING = `
  UPDATE entry SET verdict = ${STANDS}
  WHERE verdict = ${OPEN} AND s_round = $round
    AND p_sell = ${SELL_SAYS} AND p_offset = coalesce(k_offset, -1)`;

const REMEMBER = `
  UPDATE entry SET p_sell = ${SELL_SAYS}, p_offset = coalesce(k_offset, -1)
  WHERE verdict = ${OPEN} AND s_round = $round`;

/** Open, and judged once: without that, Sell never said anything about it. */
const IS_SUSPECT = `verdict = ${OPEN} AND p_sell IS NOT NULL`;

const KIND = `CASE verdict
  WHEN ${AGREED} THEN 'agreed'
  WHEN ${DEAD_LETTERED} THEN 'deadLettered'
  WHEN ${STANDS} THEN CASE
    WHEN s_state <> ${LIVE} THEN 'gone'
    WHEN k_state = ${LIVE} THEN 'different'
    ELSE 'missing' END
  ELSE CASE WHEN p_sell IS NULL THEN 'unjudged' ELSE 'undecided' END END`;

const COUNTS = `
  SELECT topic, substr(key, 1, instr(key, ':') - 1) AS prefix, ${KIND} AS kind,
    sum(s_state = ${LIVE}) AS inSell, sum(k_state = ${LIVE}) AS inKafka, count(*) AS count
  FROM entry GROUP BY 1, 2, 3`;

const EXAMPLES = `
  SELECT topic, key, k_partition AS "partition", k_offset AS "offset",
    k_revision AS kafkaRevision, s_revision AS sellRevision
  FROM entry WHERE ${KIND} = $kind LIMIT $most`;
