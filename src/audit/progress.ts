/** Receives how far an audit is. */
export interface Progress {
  /** A part of the audit begins; `total` is an estimate, null without one. */
  began(part: string, total: number | null): void;
  advanced(count: number): void;
}
