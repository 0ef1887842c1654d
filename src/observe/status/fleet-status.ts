import type {
  ConnectorPlacement,
  ProcessTrouble,
} from "../../domain/supervision.ts";
import type { Activity } from "./activity.ts";
import type { Status } from "./status.ts";

/** A trouble of the process, of its own server, or of one connector, which is its subject then. */
export interface FleetTrouble extends Omit<ProcessTrouble, "code"> {
  readonly code: ProcessTrouble["code"] | "server" | "connector";
}

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

/** The answer of `/status` of many connectors; no record contents and no secrets. Moments are milliseconds since the epoch. */
export interface FleetStatus {
  readonly version: string;
  readonly atMs: number;
  readonly startedAtMs: number;
  /** This process, among those of its group. */
  readonly instance: string;
  /** The consumer group by which instances share the connectors; null without one. */
  readonly group: string | null;
  readonly instances: readonly string[];
  readonly folder: string;
  /** False while the process as a whole can't work; one connector does not make it so. */
  readonly ready: boolean;
  readonly troubles: readonly FleetTrouble[];
  readonly connectors: readonly ConnectorLine[];
}

const resting = {
  published: 0,
  acknowledged: 0,
  deadLettered: 0,
  buffered: 0,
  lastCompleteAtMs: null,
};

/** `status` is null for a connector that does not run here. */
export function lineOf(
  placed: ConnectorPlacement,
  status: Status | null,
): ConnectorLine {
  if (status === null) return { ...placed, ...resting, ...absent(placed) };
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

function absent({
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
