import type { ProcessTrouble } from "../domain/supervision.ts";
import { permanentLease, type Lease } from "./lease.ts";

/** The connectors that this instance may run, and which instances run the others. */
export interface Assignments {
  /** Tells which connectors the folder has; call it after each look at it. */
  readonly sees: (names: readonly string[]) => void;
  /** Null for a connector that this instance may not run, or not yet. */
  readonly leaseOf: (name: string) => Lease | null;
  /** The instance that runs a connector; null when that is not known. */
  readonly runsOn: (name: string) => string | null;
  readonly group: string | null;
  readonly instances: () => readonly string[];
  /** Why this instance may run no connector at all. */
  readonly trouble: () => ProcessTrouble | null;
}

/** The assignments of the only instance, which may run every connector. */
export function standalone(instance: string): Assignments {
  return {
    sees: () => undefined,
    leaseOf: () => permanentLease,
    runsOn: () => instance,
    group: null,
    instances: () => [instance],
    trouble: () => null,
  };
}
