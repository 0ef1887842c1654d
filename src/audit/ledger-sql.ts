/** The verdict on a record; an open one is not judged yet. */
export const OPEN = 0;
const AGREED = 1;
const DEAD_LETTERED = 2;
const STANDS = 3;

const ABSENT = 0;
export const LIVE = 1;
export const DELETED = 2;

/** Columns `k_` are Kafka's side, `s_` Sell's side in round `s_round`, `p_` both sides in the round before. */
export const SCHEMA = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA cache_size = -8000;
  CREATE TABLE entry (
    topic INTEGER NOT NULL, key TEXT NOT NULL,
    k_state INTEGER NOT NULL DEFAULT ${ABSENT}, k_digest BLOB, k_schema INTEGER NOT NULL DEFAULT 0,
    k_partition INTEGER, k_offset INTEGER, k_revision TEXT, k_connector TEXT,
    s_round INTEGER NOT NULL DEFAULT 0, s_state INTEGER NOT NULL DEFAULT ${ABSENT}, s_digest BLOB,
    s_schema INTEGER NOT NULL DEFAULT 0, s_revision TEXT, s_dead INTEGER NOT NULL DEFAULT 0,
    p_sell BLOB, p_offset INTEGER,
    verdict INTEGER NOT NULL DEFAULT ${OPEN},
    PRIMARY KEY (topic, key)
  ) WITHOUT ROWID`;

export const NOTE_KAFKA = `
  INSERT INTO entry (topic, key, k_state, k_digest, k_schema, k_partition, k_offset, k_revision, k_connector)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET k_state = excluded.k_state, k_digest = excluded.k_digest,
    k_schema = excluded.k_schema, k_partition = excluded.k_partition,
    k_offset = excluded.k_offset, k_revision = excluded.k_revision,
    k_connector = excluded.k_connector`;

export const NOTE_SELL = `
  INSERT INTO entry (topic, key, s_round, s_state, s_digest, s_schema, s_revision, s_dead)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET s_round = excluded.s_round, s_state = excluded.s_state,
    s_digest = excluded.s_digest, s_schema = excluded.s_schema,
    s_revision = excluded.s_revision, s_dead = excluded.s_dead`;

export const MARK_ABSENT = `
  UPDATE entry SET s_round = $round, s_state = ${ABSENT}, s_digest = NULL, s_dead = 0
  WHERE verdict = ${OPEN} AND s_round <> $round`;

export const JUDGE_AGREED = `
  UPDATE entry SET verdict = ${AGREED}
  WHERE verdict = ${OPEN} AND s_round = $round AND CASE s_state
    WHEN ${LIVE} THEN k_state = ${LIVE} AND k_digest = s_digest AND k_schema = s_schema
    ELSE k_state <> ${LIVE} END`;

export const JUDGE_DEAD_LETTERED = `
  UPDATE entry SET verdict = ${DEAD_LETTERED}
  WHERE verdict = ${OPEN} AND s_round = $round AND s_dead = 1`;

const SELL_SAYS = `coalesce(s_digest, CAST(CASE s_state WHEN ${LIVE} THEN 'live' ELSE '' END AS BLOB))`;

export const JUDGE_STANDING = `
  UPDATE entry SET verdict = ${STANDS}
  WHERE verdict = ${OPEN} AND s_round = $round
    AND p_sell = ${SELL_SAYS} AND p_offset = coalesce(k_offset, -1)`;

export const REMEMBER = `
  UPDATE entry SET p_sell = ${SELL_SAYS}, p_offset = coalesce(k_offset, -1)
  WHERE verdict = ${OPEN} AND s_round = $round`;

const KIND = `CASE verdict
  WHEN ${AGREED} THEN 'agreed'
  WHEN ${DEAD_LETTERED} THEN 'deadLettered'
  WHEN ${STANDS} THEN CASE
    WHEN s_state <> ${LIVE} THEN 'gone'
    WHEN k_state = ${LIVE} THEN 'different'
    ELSE 'missing' END
  ELSE CASE WHEN p_sell IS NULL THEN 'notSeen' ELSE 'undecided' END END`;

/** Open records that a round has compared: any other was never handed out by Sell. */
export const COUNT_SUSPECTS = `
  SELECT count(*) AS open FROM entry WHERE verdict = ${OPEN} AND p_sell IS NOT NULL`;

/** Live records alone have a digest. */
export const ENTRIES = `
  SELECT topic, key, ${KIND} AS kind,
    nullif(lower(hex(s_digest)), '') AS sellDigest,
    nullif(lower(hex(k_digest)), '') AS kafkaDigest
  FROM entry WHERE topic = $topic ORDER BY key`;

/** Other connectors that wrote records which stand as different from Sell's. */
export const OTHER_CONNECTORS = `
  SELECT DISTINCT k_connector AS connector FROM entry
  WHERE k_connector IS NOT NULL AND verdict = ${STANDS} ORDER BY connector LIMIT $most`;

export const FINDINGS = `
  SELECT key, k_partition AS "partition", k_offset AS "offset",
    k_revision AS kafkaRevision, s_revision AS sellRevision
  FROM entry WHERE topic = $topic AND ${KIND} = $kind ORDER BY key`;
