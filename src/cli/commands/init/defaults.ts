/** The file that `init` writes when none is named. */
export const DEFAULT_FILE = "connector.config.json";

/** The environment variables that a first configuration takes its secrets from, with what each holds. */
export const secretVariables = {
  SELL_ACCESS_TOKEN: "Sell's access token",
  KAFKA_PASSWORD: "Kafka's password",
  KAFKA_CLIENT_SECRET: "the OAuth client's secret",
} as const;

export type SecretVariable = keyof typeof secretVariables;

/** A login of `kafka.sasl`: what it asks for, and its secret. */
interface LoginKind {
  readonly answers: readonly LoginAnswer[];
  /** The setting that holds the secret, and the variable that it comes from; null without a secret. */
  readonly secret: readonly [setting: string, variable: SecretVariable] | null;
}

const byPassword: LoginKind = {
  answers: ["username"],
  secret: ["password", "KAFKA_PASSWORD"],
};

/** The logins that `init` can write, by `kafka.sasl.mechanism`. */
export const logins: ReadonlyMap<string, LoginKind> = new Map([
  ["plain", byPassword],
  ["scram-sha-256", byPassword],
  ["scram-sha-512", byPassword],
  [
    "oauthbearer",
    {
      answers: ["tokenEndpoint", "clientId"],
      secret: ["clientSecret", "KAFKA_CLIENT_SECRET"],
    },
  ],
  // Its credentials come from AWS itself.
  ["aws-msk-iam", { answers: ["region"], secret: null }],
]);

export const loginNames: readonly string[] = ["none", ...logins.keys()];

/** The answers that only some logins ask for. */
export const loginAnswers = [
  "username",
  "tokenEndpoint",
  "clientId",
  "region",
] as const;

type LoginAnswer = (typeof loginAnswers)[number];

export function isLoginAnswer(key: string): key is LoginAnswer {
  return loginAnswers.some((one) => one === key);
}

/** The values of `delivery.guarantee`. */
export const guaranteeNames = ["at-least-once", "exactly-once"] as const;
