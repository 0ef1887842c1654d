import type {
  ConnectorPlacement,
  ProcessTrouble,
  RefusedFile,
} from "../../domain/supervision.ts";
import type { Activity } from "./activity.ts";
import type { Status } from "./status.ts";

/** A trouble of the process, of its own server, of a file, or of connectors. */
export interface FleetTrouble extends Omit<ProcessTrouble, "code"> {
  readonly code: ProcessTrouble["code"] | "file" | "server" | "connector";
  readonly headline: string;
  /** The connectors that are not ready for it; empty for any other trouble. A single one is also its subject. */
  readonly connectors: readonly string[];
  /** The address of the server that keeps a connector from being ready; else null. */
  readonly host: string | null;
  readonly sinceMs: number;
  /** When it is tried again; null when no time is known. */
  readonly nextTryMs: number | null;
}

/** One row of the page that lists all connectors. */
export interface ConnectorLine extends ConnectorPlacement {
  readonly ready: boolean;
  readonly mood: Activity["mood"];
  readonly headline: string;
  readonly detail: string;
  readonly published: number;
  readonly acknowledged: number;
  readonly deadLettered: number;
  readonly buffered: number;
  readonly lastCompleteAtMs: number | null;
}

/** The body of `/status` for many connectors, without record contents and secrets. Times are milliseconds since the epoch. */
export interface FleetStatus {
  readonly version: string;
  readonly atMs: number;
  readonly startedAtMs: number;
  /** Name of this process within its group. */
  readonly instance: string;
  /** The consumer group that shares the connectors among instances; null without one. */
  readonly group: string | null;
  readonly instances: readonly string[];
  readonly folder: string;
  /** False while the whole process can't work, or none of its connectors is ready. One that is not ready, or a file that is refused, beside others leaves it true. */
  readonly ready: boolean;
  /** How many connectors run, and what is not as it should be. */
  readonly headline: string;
  readonly mood: Activity["mood"];
  readonly troubles: readonly FleetTrouble[];
  readonly connectors: readonly ConnectorLine[];
  /** The files that are not accepted as they are now. */
  readonly refused: readonly RefusedFile[];
}

const zeroCounts = {
  published: 0,
  acknowledged: 0,
  deadLettered: 0,
  buffered: 0,
  lastCompleteAtMs: null,
};

/** Builds the row of a connector; `status` is null when the connector does not run in this process. */
export function toConnectorLine(
  placed: ConnectorPlacement,
  status: Status | null,
): ConnectorLine {
  if (status === null)
    return { ...placed, ...zeroCounts, ...describeAbsence(placed) };
  const { activity, totals, lastCompleteAtMs } = status;
  return {
    ...placed,
    ready: status.ready,
    mood: activity.mood,
    headline: activity.headline,
    detail: status.troubles[0]?.reason ?? activity.detail,
    published: totals.published,
    acknowledged: totals.acknowledged,
    deadLettered: totals.deadLettered,
    buffered: status.buffered.items,
    lastCompleteAtMs,
  };
}

function describeAbsence({
  state,
  runsOn,
  failure,
}: ConnectorPlacement): Pick<
  ConnectorLine,
  "ready" | "mood" | "headline" | "detail"
> {
  switch (state) {
    case "failed":
      return {
        ready: false,
        mood: "bad",
        headline: "Failed",
        detail: `${failure ?? "for no known reason"}; it starts again by itself`,
      };
    case "elsewhere":
      return {
        ready: true,
        mood: "good",
        headline: "Runs elsewhere",
        detail: `It runs on ${runsOn ?? "another instance"}.`,
      };
    case "running":
    case "stopping":
    case "waiting":
      return {
        ready: false,
        mood: "busy",
        headline: "Waiting",
        detail: "It starts as soon as this instance has its place.",
      };
  }
}
