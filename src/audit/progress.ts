/** A part of an audit. */
export interface AuditPart {
  /** Such as `reading Kafka`. */
  readonly name: string;
  /** How much there is to read, by an estimate; null when nothing is read, or nobody can tell. */
  readonly total: number | null;
  /** The unit that is counted. A part of Kafka's offsets hold no record: compaction took it, or a transaction ended there. */
  readonly unit: "offsets" | "records";
  /** An estimate of its time; null without one. */
  readonly durationMs: number | null;
}

/** Receives how far an audit is. */
export interface Progress {
  began(part: AuditPart): void;
  advanced(count: number): void;
}
