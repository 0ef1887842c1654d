import type { FleetTrouble } from "../observe/status/fleet-status.ts";
import { permanentLease, type Lease } from "./lease.ts";

/** Which connectors this process may run, and what it knows of the others. */
export interface Assignments {
  /** Null for a connector that this process may not run, or not yet. */
  readonly leaseOf: (name: string) => Lease | null;
  /** The instance that runs a connector; null when that is not known. */
  readonly runsOn: (name: string) => string | null;
  readonly group: string | null;
  readonly instances: () => readonly string[];
  /** What keeps this process from having any place. */
  readonly trouble: () => FleetTrouble | null;
}

/** A process that shares with nobody runs everything. */
export function alone(instance: string): Assignments {
  return {
    leaseOf: () => permanentLease,
    runsOn: () => instance,
    group: null,
    instances: () => [instance],
    trouble: () => null,
  };
}
