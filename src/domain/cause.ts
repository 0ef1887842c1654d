/** A stable name of why items are deferred; docs/operations.md says what to do about each. */
export type CauseCode =
  | "topic-missing"
  | "topic-deleted"
  | "topic-limit"
  | "topic-illegal"
  | "topic-denied"
  | "topic-refused"
  | "records-refused"
  | "topic-creation-denied"
  | "topic-creation-refused"
  | "dead-letters-refused"
  | "registry-denied"
  | "registry-unusable"
  | "schema-missing"
  | "schema-refused"
  | "schema-incompatible"
  | "schema-unusable"
  | "schema-misfit"
  | "older-revision";

/**
 * Why items of a type are deferred. Causes with the same code and variant have the same cure, and
 * are told as one, whatever the number of types.
 */
export interface Cause {
  readonly code: CauseCode;
  /** Tells apart causes of one code whose cures differ, such as the name of a broker's error. */
  readonly variant?: string;
  /** The fault, in words that are true of every type. */
  readonly reason: string;
  /** The change that somebody has to make. */
  readonly remedy: string;
  /** `reason` and `remedy` in words for several topics, where they differ. */
  readonly ofMany?: Partial<Pick<Cause, "reason" | "remedy">>;
  /** The topic or the subject of the registry that it concerns here; missing when it concerns all. */
  readonly subject?: string;
  /** The value of `max.message.bytes` with which the topic takes the largest record that it refused so far. */
  readonly neededBytes?: number;
}

/** Says a cause about the one type that it was found for. */
export function causeSentence({ reason, remedy, subject }: Cause): string {
  const about = subject === undefined ? "" : ` (${subject})`;
  return `${reason}${about}; ${remedy}`;
}
