import { abortable } from "../../lib/abortable.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import { systemClock, type Clock } from "../../lib/clock.ts";
import { DeniedFault, UnavailableFault } from "../../domain/faults.ts";
import { boundedText } from "../../security/bounded-text.ts";
import { noProxies, routeTo, type Proxies } from "../../security/proxies.ts";
import { shownAddress } from "../../security/addresses.ts";
import { tlsTroubleOf } from "../../security/tls-trouble.ts";
import { excerptOf, withoutSecrets } from "../../security/without-secrets.ts";

export interface ClientCredentialsOptions {
  /** https, or http on a loopback address. */
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
  readonly proxies?: Proxies;
  /** Bounds one exchange with the endpoint, up to the end of its answer. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 8_000;
/** The end of a token's life in which it is not used; half of the life when that is shorter. */
const MARGIN_MS = 30_000;
const MOST_BYTES = 100_000;
/** A day: a token is fetched again after it, whatever the endpoint says. */
const LONGEST_LIFE_S = 86_400;
/** The characters of a bearer token (RFC 6750, section 2.1), and a few more. */
const TOKEN = /^[\x21-\x7e]{1,65536}$/;

interface Token {
  readonly value: string;
  readonly usableUntilMs: number;
}

/**
 * Fetches and keeps an access token by the client credentials grant of OAuth 2.0 (RFC 6749, section
 * 4.4). No library: oauth4webapi bounds no answer, and its errors hold the answer with the token.
 */
export class ClientCredentials {
  readonly #options: ClientCredentialsOptions;
  readonly #clock: Clock;
  #token: Token | null = null;
  #asking: Promise<Token> | null = null;

  constructor(options: ClientCredentialsOptions, clock: Clock = systemClock) {
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Returns a token that is usable for a while; concurrent calls share one fetch.
   * Rejects with a DeniedFault when the endpoint refuses, or an UnavailableFault when it is away.
   */
  async token(): Promise<string> {
    if (this.#token !== null && this.#isUsable(this.#token))
      return this.#token.value;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    this.#token = await this.#asking;
    return this.#token.value;
  }

  /** Drops a token that the brokers refuse: the next call fetches another one. */
  forget(): void {
    this.#token = null;
  }

  /** The texts that no log may show. */
  get secrets(): readonly string[] {
    const { clientId, clientSecret } = this.#options;
    const sent = [clientSecret, basicCredentials(clientId, clientSecret)];
    return this.#token === null ? sent : [...sent, this.#token.value];
  }

  #isUsable({ usableUntilMs }: Token): boolean {
    return this.#clock.uptimeMs() < usableUntilMs;
  }

  async #ask(): Promise<Token> {
    const { tokenEndpoint } = this.#options;
    const askedMs = this.#clock.uptimeMs();
    const { status, body } = await this.#post();
    const answer = parse(body);
    if (status !== 200) throw this.#toFault(status, answer);
    const { access_token: value, token_type: kind } = answer;
    if (typeof value !== "string" || value === "")
      throw new DeniedFault(
        "token-endpoint",
        `the token endpoint ${shownAddress(tokenEndpoint)} answers 200 without an access_token; check kafka.sasl.tokenEndpoint`,
      );
    if (!TOKEN.test(value))
      throw new DeniedFault(
        "token-endpoint",
        `the token endpoint ${shownAddress(tokenEndpoint)} answers an access_token that is none: it must be 1 to 65536 visible ASCII characters; check kafka.sasl.tokenEndpoint`,
      );
    const isBearer = typeof kind === "string" && /^bearer$/i.test(kind);
    if (kind !== undefined && !isBearer)
      throw new DeniedFault(
        "token-endpoint",
        `the token endpoint ${shownAddress(tokenEndpoint)} answers a token whose token_type is not Bearer, which Kafka does not take; check what this client is registered for there`,
      );
    const lifetimeMs = parseLifetimeS(answer["expires_in"]) * 1_000;
    const marginMs = Math.min(MARGIN_MS, lifetimeMs / 2);
    return { value, usableUntilMs: askedMs + lifetimeMs - marginMs };
  }

  async #post(): Promise<{ status: number; body: string }> {
    const { tokenEndpoint, clientId, clientSecret, scope } = this.#options;
    const { proxies = noProxies, timeoutMs = TIMEOUT_MS } = this.#options;
    const route = routeTo(tokenEndpoint, proxies, {
      secured: { rejectUnauthorized: true },
      connectTimeout: timeoutMs,
    });
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const asked = route.request(tokenEndpoint, {
        method: "POST",
        headers: {
          accept: "application/json",
          authorization: `Basic ${basicCredentials(clientId, clientSecret)}`,
          "content-type": "application/x-www-form-urlencoded",
        },
        body: new URLSearchParams({
          grant_type: "client_credentials",
          ...(scope !== undefined && { scope }),
        }).toString(),
        signal,
      });
      const { statusCode, body } = await abortable(asked, signal);
      return { status: statusCode, body: await boundedText(body, MOST_BYTES) };
    } catch (cause) {
      const trouble = tlsTroubleOf(cause, null);
      const server = `the token endpoint ${shownAddress(tokenEndpoint)} (kafka.sasl.tokenEndpoint)${route.via}`;
      const refusal = route.refusal(cause);
      if (refusal?.isLasting === true)
        throw new DeniedFault(
          "token-endpoint",
          `${server} can't be reached: ${refusal.message}`,
        );
      if (trouble !== null)
        throw new DeniedFault(
          "token-endpoint",
          `${server} ${withoutSecrets(trouble, this.secrets)}`,
        );
      const said = route.hide(
        refusal?.message ??
          (signal.aborted
            ? `no answer within ${timeoutMs / 1_000} s`
            : reasonOf(cause)),
      );
      const reason = excerptOf(said, this.secrets);
      throw new UnavailableFault(`${server} can't be reached: ${reason}`);
    } finally {
      void route[Symbol.asyncDispose]();
    }
  }

  /** The members `error` and `error_description` name the reason (RFC 6749, section 5.2). */
  #toFault(status: number, answer: Readonly<Record<string, unknown>>): Error {
    const { tokenEndpoint } = this.#options;
    const said = [answer["error"], answer["error_description"]]
      .filter((part) => typeof part === "string")
      .join(": ");
    const reason = said === "" ? "" : ` ${excerptOf(said, this.secrets)}`;
    const start = `the token endpoint ${shownAddress(tokenEndpoint)} answers ${status}${reason}`;
    if (status >= 300 && status < 400)
      return new DeniedFault(
        "token-endpoint",
        `${start}, a redirect, which is never followed; set kafka.sasl.tokenEndpoint to the address that it leads to`,
      );
    if (status >= 400 && status < 500 && status !== 408 && status !== 429)
      return new DeniedFault(
        "token-endpoint",
        `${start}: it gives this client no token; check kafka.sasl.clientId, clientSecret and scope, that the client may use the client credentials grant, and that this is the address of a token endpoint`,
      );
    return new UnavailableFault(start);
  }
}

/** Returns seconds; 0 when the endpoint gives no usable number, so that the token serves once. */
function parseLifetimeS(expiresIn: unknown): number {
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

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === "object" && answer !== null
      ? (answer as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
