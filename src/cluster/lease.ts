/** The right to run a connector, which may end at any moment. */
export interface Lease {
  /** Throws the reason of `expired` once the lease has ended. Call it before each write. */
  readonly throwIfExpired: () => void;
  readonly expired: AbortSignal;
}

/** The lease of an instance that shares the connectors with no other. */
export const permanentLease: Lease = {
  throwIfExpired: () => undefined,
  expired: new AbortController().signal,
};
