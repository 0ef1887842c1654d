import type { Activity } from "./activity.ts";
import type { Status } from "./status.ts";

/** What keeps the process as a whole from its work, or one of its files. */
export interface FleetTrouble {
  readonly code: "folder" | "file" | "group" | "server" | "connector";
  /** The file or the connector that it is about; null for the process as a whole. */
  readonly subject: string | null;
  readonly reason: string;
  readonly remedy: string;
}

/** Where a connector is: `elsewhere` runs on another instance, `waiting` on none yet. */
type PlaceState = "running" | "stopping" | "failed" | "waiting" | "elsewhere";

/** What a process knows of a connector by its file and its place. */
export interface Placed {
  readonly name: string;
  readonly file: string;
  /** Sell's address. */
  readonly sell: string;
  readonly state: PlaceState;
  /** The instance that runs it; null when that is not known. */
  readonly runsOn: string | null;
  /** Why it does not run, when it failed. */
  readonly failure: string | null;
}

export interface ConnectorLine extends Placed {
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

/** What the fleet itself tells of its state. */
export interface Survey {
  readonly group: string | null;
  readonly instances: readonly string[];
  readonly placed: readonly Placed[];
  readonly troubles: readonly FleetTrouble[];
}

const resting = {
  published: 0,
  acknowledged: 0,
  deadLettered: 0,
  buffered: 0,
  lastCompleteAtMs: null,
};

/** `status` is null for a connector that does not run here. */
export function lineOf(placed: Placed, status: Status | null): ConnectorLine {
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
}: Placed): Pick<ConnectorLine, "ready" | "mood" | "headline" | "detail"> {
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
