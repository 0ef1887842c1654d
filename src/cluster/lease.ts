/** The right to run a connector, which may end at any moment. */
export interface Lease {
  /** Throws the reason of `lapsed` once the right has ended; to be asked before each write. */
  readonly check: () => void;
  readonly lapsed: AbortSignal;
}

/** The right of whoever shares with nobody. */
export const permanentLease: Lease = {
  check: () => undefined,
  lapsed: new AbortController().signal,
};
