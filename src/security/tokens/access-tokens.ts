/** Issues the access tokens that log this program in at a server. */
export interface AccessTokens {
  /** Returns a token that is usable for a while. Rejects with a DeniedFault or UnavailableFault. */
  token(): Promise<string>;
  /** Drops what the server refuses: the next call gets another token. */
  forget(): void;
  /** The texts that no log may show at this moment. */
  readonly secrets: readonly string[];
}
