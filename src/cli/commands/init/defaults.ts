/** The file that `init` writes when none is named. */
export const DEFAULT_FILE = "connector.config.json";

/** The environment variables that a first configuration takes its secrets from, with what each holds. */
export const secretVariables = {
  SELL_ACCESS_TOKEN: "Sell's access token",
  KAFKA_PASSWORD: "Kafka's password",
  KAFKA_CLIENT_SECRET: "the OAuth client's secret",
} as const;

export type SecretVariable = keyof typeof secretVariables;

/** The logins that `init` can write, by `kafka.sasl.mechanism`. */
export const loginNames = [
  "none",
  "plain",
  "scram-sha-256",
  "scram-sha-512",
  "oauthbearer",
] as const;

/** The values of `delivery.guarantee`. */
export const guaranteeNames = ["at-least-once", "exactly-once"] as const;
