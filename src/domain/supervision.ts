/** A problem of the process as a whole, while it runs many connectors. */
export interface ProcessTrouble {
  readonly code: "folder" | "cluster-file" | "group";
  /** The file that has the problem; null for the process as a whole. */
  readonly subject: string | null;
  readonly reason: string;
  readonly remedy: string;
}

/** `elsewhere`: another instance runs the connector; `waiting`: no instance runs it yet. */
type ConnectorState =
  "running" | "stopping" | "failed" | "waiting" | "elsewhere";

/** A connector of the folder, and where it runs. */
export interface ConnectorPlacement {
  readonly name: string;
  readonly file: string;
  /** Sell's address. */
  readonly sell: string;
  readonly state: ConnectorState;
  /** The instance that runs it; null when that is not known. */
  readonly runsOn: string | null;
  /** Why it does not run, when it failed. */
  readonly failure: string | null;
}

/** Whether this instance runs a connector, or is the one that is to run it. */
export function isOf(
  instance: string,
  { state, runsOn }: Pick<ConnectorPlacement, "state" | "runsOn">,
): boolean {
  return state === "waiting" ? runsOn === instance : state !== "elsewhere";
}

/** A connector's file that is not accepted as it is now. */
export interface RefusedFile {
  readonly file: string;
  /** The connector that goes on with the content that was accepted before; null when nothing runs of this file. */
  readonly goesOn: string | null;
  /** The problems of the file, a line each. */
  readonly reason: string;
  readonly remedy: string;
}

/** What a process that runs many connectors knows of them and of its group. */
export interface SupervisorState {
  /** The consumer group by which instances share the connectors; null without one. */
  readonly group: string | null;
  readonly instances: readonly string[];
  readonly connectors: readonly ConnectorPlacement[];
  readonly refused: readonly RefusedFile[];
  readonly troubles: readonly ProcessTrouble[];
  /** Until the folder is read again, and addresses and files with a problem are tried again. */
  readonly nextLookInMs: number;
}
