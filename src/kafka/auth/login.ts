import type { Mechanism, SASLOptions } from "../client/kafkajs.ts";
import {
  ClientCredentials,
  type ClientCredentialsOptions,
} from "./client-credentials.ts";
import { shownAddress } from "../../security/addresses.ts";
import { createOauthBearer } from "./oauth-bearer.ts";

/** How to log in at the brokers, as the configuration has it. */
export type Sasl =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: string;
    }
  | ({ readonly mechanism: "oauthbearer" } & ClientCredentialsOptions);

/** The login that every connection to a broker makes. */
export interface Login {
  /** In Kafka's spelling, such as `SCRAM-SHA-256`. */
  readonly mechanism: string;
  readonly options: SASLOptions | Mechanism;
  /** What an operator checks when the brokers refuse it. */
  readonly advice: string;
  /** The texts that no log may show at this moment. */
  secrets(): readonly string[];
  /** Called when the brokers refuse it. */
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
    options: createOauthBearer(credentials),
    advice: `they do not take the token that ${shownAddress(sasl.tokenEndpoint)} issues; check kafka.sasl.scope, and the issuer, audience and keys that the brokers expect`,
    secrets: () => credentials.secrets,
    refused: () => {
      credentials.forget();
    },
  };
}
