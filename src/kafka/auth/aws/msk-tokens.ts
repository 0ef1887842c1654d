import { hash } from "node:crypto";
import { systemClock, type Clock } from "../../../lib/clock.ts";
import { RenewedValue } from "../../../lib/renewed-value.ts";
import type { AccessTokens } from "../../../security/tokens/access-tokens.ts";
import { version } from "../../../version.ts";
import { awsSecretsOf, fetchCredentials } from "./credentials.ts";
import {
  percentEncoded,
  presignedUrl,
  type AwsCredentials,
} from "./presigned-url.ts";
import type { AwsOptions } from "./sources.ts";

/** How long a broker takes a token. */
const EXPIRES_S = 900;
/** The end of the life of credentials in which they are renewed. */
const MARGIN_MS = 300_000;

/**
 * Tokens by which Amazon MSK knows an IAM identity: the presigned URL of `kafka-cluster:Connect`. No
 * library: AWS's own signer brings 29 MB of its SDK.
 */
export class MskTokens implements AccessTokens {
  readonly #options: AwsOptions;
  readonly #clock: Clock;
  readonly #credentials: RenewedValue<AwsCredentials>;
  #newest: string | null = null;

  constructor(options: AwsOptions, clock: Clock = systemClock) {
    this.#options = options;
    this.#clock = clock;
    this.#credentials = new RenewedValue(
      () => fetchCredentials(options, clock),
      MARGIN_MS,
      clock,
    );
  }

  async token(): Promise<string> {
    const { region } = this.#options;
    const credentials = await this.#credentials.get();
    const url = presignedUrl(
      {
        host: `kafka.${region}.amazonaws.com`,
        path: "/",
        query: { Action: "kafka-cluster:Connect" },
        service: "kafka-cluster",
        region,
        expiresS: EXPIRES_S,
        payloadHash: hash("sha256", ""),
      },
      credentials,
      this.#clock.epochMs(),
    );
    // The parameter is not signed: AWS's own signers add it afterwards, too.
    const named = `${url}&User-Agent=${percentEncoded(`sell-kafka/${version}`)}`;
    this.#newest = Buffer.from(named).toString("base64url");
    return this.#newest;
  }

  forget(): void {
    this.#credentials.forget();
  }

  get secrets(): readonly string[] {
    const held = this.#credentials.held;
    return [
      ...awsSecretsOf(this.#options.environment),
      ...(held === null ? [] : [held.secretAccessKey, held.sessionToken ?? ""]),
      this.#newest ?? "",
    ];
  }
}
