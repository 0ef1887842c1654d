import type {
  Attempt,
  DrainEnd,
  DrainProblem,
  Held,
} from "../../domain/observer.ts";
import type { Activity } from "./activity.ts";
import type { ProgressFigures } from "./drain-progress.ts";
import type { TimelineFigures } from "./timeline.ts";
import type { Trouble } from "../troubles/trouble.ts";
import type { TypeFigures } from "../metrics/type-counts.ts";

/** The part of the status that stays the same while the connector runs. It holds no secrets. */
export interface Settings {
  readonly connector: string;
  readonly version: string;
  readonly sell: string;
  readonly toKafka: boolean;
  /** Brokers, or `standard output`. */
  readonly to: string;
  readonly schemaRegistry: string | null;
  /** Pattern of the topic names; `{type}` stands for the resource type. */
  readonly topics: string;
  readonly deadLetterTopic: string;
  readonly envelope: string;
  readonly value: string;
  /** How a record's members become fields: `nested` or `columns`. */
  readonly layout: string;
  /** The value format as people call it. */
  readonly valueTitle: string;
  readonly pollIntervalMs: number;
}

/** The body of `/status` for one connector, without record contents and secrets. Times are milliseconds since the epoch. */
export interface Status extends Settings {
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly device: string | null;
  readonly ready: boolean;
  readonly activity: Activity;
  readonly troubles: readonly Trouble[];
  /** The running drain; null between drains. */
  readonly drain: ProgressFigures | null;
  readonly lastDrain: {
    readonly end: DrainEnd;
    readonly endedAtMs: number;
    /** The codes of what was left; `troubles` explains them. */
    readonly problems: readonly DrainProblem["code"][];
  } | null;
  readonly lastCompleteAtMs: number | null;
  readonly totals: {
    readonly published: number;
    readonly acknowledged: number;
    readonly deadLettered: number;
    readonly requests: number;
    readonly throttled: number;
  };
  readonly buffered: Held;
  readonly unacknowledged: number;
  /**
   * How late changes reach Kafka: the latest median of the timeline, or the time since the last
   * complete drain while nothing can reach Kafka. Null before the first complete drain.
   */
  readonly lagSeconds: number | null;
  readonly types: readonly TypeFigures[];
  /** The latest dead letters, newest first. */
  readonly deadLetters: readonly DeadLetterNote[];
  /** Why definitions of custom fields are unknown, in the layout `columns`; null when they are known or not needed. */
  readonly customFieldsUnknown: string | null;
  readonly lastError: ErrorNote | null;
  readonly timeline: TimelineFigures;
}

/** Dead letters of one type, stage and reason. */
export interface DeadLetterNote {
  /** Of the latest. */
  readonly atMs: number;
  readonly count: number;
  readonly type: string;
  readonly stage: string;
  readonly reason: string;
}

export interface ErrorNote {
  readonly atMs: number;
  readonly what: Attempt | "drain";
  readonly reason: string;
  readonly remedy: string;
  readonly isOver: boolean;
}
