import type { Proxies } from "../../security/proxies.ts";
import {
  ClientCredentials,
  type ClientCredentialsOptions,
} from "../../security/tokens/client-credentials.ts";

export interface RegistryLoginOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** In place of name and password. */
  readonly oauth?:
    | (ClientCredentialsOptions & {
        /** Headers besides the token. */
        readonly headers?: Readonly<Record<string, string>> | undefined;
      })
    | undefined;
}

/** How requests log in at a registry. */
export interface RegistryLogin {
  /** The settings to check when the registry refuses it. */
  readonly settings: string;
  /** The texts that no message may show at this moment. */
  secrets(): readonly string[];
  /** Rejects with a DeniedFault or UnavailableFault of what issues tokens. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Called when the registry refuses it; returns whether the next headers differ. */
  refused(): boolean;
}

export function createRegistryLogin(
  { username, password, oauth }: RegistryLoginOptions,
  proxies: Proxies,
): RegistryLogin {
  if (oauth !== undefined) return tokenLogin(oauth, proxies);
  const isGiven = username !== undefined && password !== undefined;
  const basic = isGiven ? `${username}:${password}` : null;
  const headers: Readonly<Record<string, string>> =
    basic === null
      ? {}
      : { authorization: `Basic ${Buffer.from(basic).toString("base64")}` };
  return {
    settings: "schemaRegistry.username and password",
    secrets: () => (basic === null ? [] : [password ?? "", basic]),
    headers: () => Promise.resolve(headers),
    refused: () => false,
  };
}

function tokenLogin(
  {
    headers: further = {},
    ...client
  }: NonNullable<RegistryLoginOptions["oauth"]>,
  proxies: Proxies,
): RegistryLogin {
  const tokens = new ClientCredentials(
    { proxies, ...client },
    "schemaRegistry.oauth",
  );
  return {
    settings:
      "schemaRegistry.oauth, above all scope, audience and headers, and which issuer and identities the registry knows",
    secrets: () => [...tokens.secrets, ...Object.values(further)],
    headers: async () => ({
      ...further,
      authorization: `Bearer ${await tokens.token()}`,
    }),
    refused: () => {
      tokens.forget();
      return true;
    },
  };
}
