import { DeniedFault, UnavailableFault } from "../../domain/faults.ts";
import { systemClock, type Clock } from "../../lib/clock.ts";
import { RenewedValue, type Fetched } from "../../lib/renewed-value.ts";
import { shownAddress } from "../addresses.ts";
import { askOnce, membersIn, type Answered } from "../one-request.ts";
import { noProxies, type Proxies } from "../proxies.ts";
import { excerptOf } from "../without-secrets.ts";
import type { AccessTokens } from "./access-tokens.ts";

/** A client of OAuth 2.0, as the configuration has it. */
export interface ClientCredentialsOptions {
  /** https, or http on a loopback address. */
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  /** The place of id and secret in the request: basic authentication, or the form. */
  readonly clientAuthentication?: "header" | "body";
  /** Further members of the form. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly proxies?: Proxies;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 8_000;
/** The end of a token's life in which it is not used. */
const MARGIN_MS = 30_000;
/** A day: a token is fetched again after it, whatever the endpoint says. */
const LONGEST_LIFE_S = 86_400;
/** The characters of a bearer token (RFC 6750, section 2.1), and a few more. */
const TOKEN = /^[\x21-\x7e]{1,65536}$/;
/** A shorter parameter, such as `true`, is no secret, and may be a part of any message. */
const SHORTEST_SECRET = 5;

/**
 * Fetches and keeps an access token by the client credentials grant of OAuth 2.0 (RFC 6749, section
 * 4.4). No library: oauth4webapi bounds no answer, and its errors hold the answer with the token.
 */
export class ClientCredentials implements AccessTokens {
  readonly #options: ClientCredentialsOptions;
  readonly #setting: string;
  readonly #token: RenewedValue<string>;

  /** `setting` is the key of the configuration that holds the options, for messages. */
  constructor(
    options: ClientCredentialsOptions,
    setting: string,
    clock: Clock = systemClock,
  ) {
    this.#options = options;
    this.#setting = setting;
    this.#token = new RenewedValue(() => this.#fetch(), MARGIN_MS, clock);
  }

  token(): Promise<string> {
    return this.#token.get();
  }

  forget(): void {
    this.#token.forget();
  }

  get secrets(): readonly string[] {
    const { clientId, clientSecret, parameters = {} } = this.#options;
    const token = this.#token.held;
    return [
      clientSecret,
      basicCredentials(clientId, clientSecret),
      ...Object.values(parameters).filter(
        ({ length }) => length >= SHORTEST_SECRET,
      ),
      ...(token === null ? [] : [token]),
    ];
  }

  get #endpoint(): string {
    return `the token endpoint ${shownAddress(this.#options.tokenEndpoint)}`;
  }

  async #fetch(): Promise<Fetched<string>> {
    const { status, body } = await this.#post();
    const answer = membersIn(body);
    if (status !== 200) throw this.#refusal(status, answer);
    const { access_token: value, token_type: kind } = answer;
    if (typeof value !== "string" || value === "")
      throw this.#denied(
        `answers 200 without an access_token; check ${this.#setting}.tokenEndpoint`,
      );
    if (!TOKEN.test(value))
      throw this.#denied(
        `answers an access_token that is none: it must be 1 to 65536 visible ASCII characters; check ${this.#setting}.tokenEndpoint`,
      );
    const isBearer = typeof kind === "string" && /^bearer$/i.test(kind);
    if (kind !== undefined && !isBearer)
      throw this.#denied(
        "answers a token whose token_type is not Bearer, which is not taken; check what this client is registered for there",
      );
    return { value, lifetimeMs: lifetimeS(answer["expires_in"]) * 1_000 };
  }

  #post(): Promise<Answered> {
    const { tokenEndpoint, clientId, clientSecret } = this.#options;
    const { clientAuthentication: by = "header" } = this.#options;
    const { scope, audience, parameters } = this.#options;
    const { proxies = noProxies, timeoutMs = TIMEOUT_MS } = this.#options;
    const form = new URLSearchParams({
      ...parameters,
      grant_type: "client_credentials",
      ...(by === "body" && {
        client_id: clientId,
        client_secret: clientSecret,
      }),
      ...(scope !== undefined && { scope }),
      ...(audience !== undefined && { audience }),
    });
    return askOnce(
      tokenEndpoint,
      {
        method: "POST",
        headers: {
          accept: "application/json",
          "content-type": "application/x-www-form-urlencoded",
          ...(by === "header" && {
            authorization: `Basic ${basicCredentials(clientId, clientSecret)}`,
          }),
        },
        body: form.toString(),
      },
      {
        kind: "token-endpoint",
        name: `${this.#endpoint} (${this.#setting}.tokenEndpoint)`,
        proxies,
        timeoutMs,
        secrets: this.secrets,
      },
    );
  }

  #denied(why: string): DeniedFault {
    return new DeniedFault("token-endpoint", `${this.#endpoint} ${why}`);
  }

  /** The members `error` and `error_description` name the reason (RFC 6749, section 5.2). */
  #refusal(status: number, answer: Readonly<Record<string, unknown>>): Error {
    const said = [answer["error"], answer["error_description"]]
      .filter((part) => typeof part === "string")
      .join(": ");
    const reason = said === "" ? "" : ` ${excerptOf(said, this.secrets)}`;
    const start = `answers ${status}${reason}`;
    if (status >= 300 && status < 400)
      return this.#denied(
        `${start}, a redirect, which is never followed; set ${this.#setting}.tokenEndpoint to the address that it leads to`,
      );
    if (status >= 400 && status < 500 && status !== 408 && status !== 429)
      return this.#denied(
        `${start}: it gives this client no token; check ${this.#setting}.clientId, clientSecret, scope, audience and parameters, that it takes them in the ${this.#options.clientAuthentication ?? "header"} (clientAuthentication), that the client may use the client credentials grant, and that this is the address of a token endpoint`,
      );
    return new UnavailableFault(`${this.#endpoint} ${start}`);
  }
}

/** Returns seconds; 0 when the endpoint gives no usable number, so that the token serves once. */
function lifetimeS(expiresIn: unknown): number {
  const seconds =
    typeof expiresIn === "number" || typeof expiresIn === "string"
      ? Number(expiresIn)
      : 0;
  return Number.isNaN(seconds)
    ? 0
    : Math.min(Math.max(seconds, 0), LONGEST_LIFE_S);
}

/** Form-encodes both parts before it joins them (RFC 6749, section 2.3.1). */
function basicCredentials(clientId: string, clientSecret: string): string {
  const encode = (text: string) =>
    new URLSearchParams({ "": text }).toString().slice(1);
  return Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString(
    "base64",
  );
}
