import type { Mechanism, SASLOptions } from "../client/kafkajs.ts";
import {
  ClientCredentials,
  type ClientCredentialsOptions,
} from "./client-credentials.ts";
import { shownAddress } from "../../security/shown-address.ts";
import { oauthBearer } from "./oauth-bearer.ts";

/** How to log in at the brokers, as the configuration says it. */
export type Sasl =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: string;
    }
  | ({ readonly mechanism: "oauthbearer" } & ClientCredentialsOptions);

/** A login at the brokers, repeated by every connection. */
export interface Login {
  /** In Kafka's spelling, such as `SCRAM-SHA-256`. */
  readonly mechanism: string;
  readonly options: SASLOptions | Mechanism;
  /** What to look at when the brokers refuse it. */
  readonly advice: string;
  /** What no log may show, at this moment. */
  secrets(): readonly string[];
  /** Told that the brokers refuse it. */
  refused(): void;
}

export function createLogin(sasl: Sasl): Login {
  const mechanism = sasl.mechanism.toUpperCase();
  if (sasl.mechanism !== "oauthbearer") {
    const { username, password } = sasl;
    return {
      mechanism,
      options: {
        mechanism: sasl.mechanism,
        username,
        password,
      } as SASLOptions,
      advice: `check kafka.sasl.username and password, and that the brokers know this user for ${mechanism}`,
      secrets: () => [password],
      refused: () => undefined,
    };
  }
  const credentials = new ClientCredentials(sasl);
  return {
    mechanism,
    options: oauthBearer(credentials),
    advice: `they do not take the token that ${shownAddress(sasl.tokenEndpoint)} issues; check kafka.sasl.scope, and the issuer, audience and keys that the brokers expect`,
    secrets: () => credentials.secrets,
    refused: () => {
      credentials.forget();
    },
  };
}
