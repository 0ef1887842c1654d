import { shownAddress } from "../../security/addresses.ts";
import type { AccessTokens } from "../../security/tokens/access-tokens.ts";
import {
  ClientCredentials,
  type ClientCredentialsOptions,
} from "../../security/tokens/client-credentials.ts";
import type { Mechanism, SASLOptions } from "../client/kafkajs.ts";
import { MskTokens } from "./aws/msk-tokens.ts";
import type { AwsOptions } from "./aws/sources.ts";
import { createOauthBearer, type Extensions } from "./oauth-bearer.ts";

interface PasswordSasl {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
}

/** How to log in at the brokers, as the configuration has it. */
export type Sasl =
  | PasswordSasl
  | ({
      readonly mechanism: "oauthbearer";
      readonly extensions?: Extensions | undefined;
    } & ClientCredentialsOptions)
  | ({ readonly mechanism: "aws-msk-iam" } & AwsOptions);

/** The login that every connection to a broker makes. */
export interface Login {
  /** In Kafka's spelling, such as `SCRAM-SHA-256`. */
  readonly mechanism: string;
  readonly options: SASLOptions | Mechanism;
  /** What an operator checks when the brokers refuse it. */
  readonly advice: string;
  /** Whether a message may quote the brokers: they may repeat a password in a form that nobody knows. */
  readonly quotesBrokers: boolean;
  /** The texts that no log may show at this moment. */
  secrets(): readonly string[];
  /** Called when the brokers refuse it. */
  refused(): void;
}

export function createLogin(sasl: Sasl): Login {
  if (sasl.mechanism === "oauthbearer")
    return tokenLogin(
      new ClientCredentials(sasl, "kafka.sasl"),
      sasl.extensions ?? {},
      `they do not take the token that ${shownAddress(sasl.tokenEndpoint)} issues, or the extensions sent with it; check kafka.sasl.scope, audience and extensions, and the issuer, audience and keys that the brokers expect`,
    );
  if (sasl.mechanism === "aws-msk-iam")
    return tokenLogin(
      new MskTokens(sasl),
      {},
      "they do not take the token that was signed with the AWS credentials found here; check kafka.sasl.region, that the role or user is allowed kafka-cluster:Connect on this cluster, and this machine's clock",
    );
  return passwordLogin(sasl);
}

function passwordLogin(sasl: PasswordSasl): Login {
  const { username, password } = sasl;
  const mechanism = sasl.mechanism.toUpperCase();
  return {
    mechanism,
    options: { mechanism: sasl.mechanism, username, password } as SASLOptions,
    advice: `check kafka.sasl.username and password, and that the brokers know this user for ${mechanism}`,
    quotesBrokers: false,
    secrets: () => [password],
    refused: () => undefined,
  };
}

function tokenLogin(
  tokens: AccessTokens,
  extensions: Extensions,
  advice: string,
): Login {
  return {
    mechanism: "OAUTHBEARER",
    options: createOauthBearer(tokens, extensions),
    advice,
    quotesBrokers: true,
    secrets: () => tokens.secrets,
    refused: () => {
      tokens.forget();
    },
  };
}
