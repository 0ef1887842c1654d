import type registryClient from "@kafkajs/confluent-schema-registry";
import { excessIn } from "../../json/extent.ts";
import { abortable } from "../../lib/abortable.ts";
import { boundedText } from "../../security/bounded-text.ts";
import {
  routeTo,
  type Proxies,
  type ProxyRefusal,
  type Route,
} from "../../security/proxies.ts";
import { compatibilityIn, UnfitAnswer } from "./registry-answers.ts";
import type { RegistryLogin } from "./registry-login.ts";

type ClientOptions = ConstructorParameters<
  typeof registryClient.SchemaRegistry
>[0];
type Middleware = NonNullable<ClientOptions["middlewares"]>[number];
type Handler = NonNullable<ReturnType<Middleware>["response"]>;
type Response = Awaited<ReturnType<Handler>>;

const MOST_BYTES = 16 * 1024 * 1024;
/** Wide enough for a list of all subjects. */
const BOUNDS = { depth: 1_000, values: 200_000, secondLevelValues: 200_000 };
const TIMEOUT_MS = 30_000;

export interface RegistryHttpOptions {
  readonly login: RegistryLogin;
  readonly tls: { readonly rejectUnauthorized: true };
  readonly proxies: Proxies;
}

/** A response of any status; `json` is undefined when the body is not JSON. */
export interface RegistryAnswer {
  readonly status: number;
  readonly json: unknown;
}

interface Asked {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly body?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The response to a request. */
interface Sent {
  readonly status: number;
  readonly text: string;
}

/** A response whose status is not 200. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Sends requests to a schema registry. The size of a response is limited. */
export class RegistryHttp {
  readonly #url: string;
  readonly #login: RegistryLogin;
  readonly #route: Route;

  constructor(url: string, { login, tls, proxies }: RegistryHttpOptions) {
    this.#url = url;
    this.#login = login;
    this.#route = routeTo(url, proxies, {
      secured: tls,
      connectTimeout: TIMEOUT_MS,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      keepAliveTimeout: 1_000,
    });
  }

  get via(): string {
    return this.#route.via;
  }

  refusal(error: unknown): ProxyRefusal | null {
    return this.#route.refusal(error);
  }

  hide(text: string): string {
    return this.#route.hide(text);
  }

  /** Reads the JSON at a path by `read`; null for a 404. */
  async get<T>(
    path: string,
    read: (body: unknown) => T,
    signal: AbortSignal,
  ): Promise<T | null> {
    const url = this.#url + path;
    try {
      return read(await this.#ask({ method: "GET", url, signal }));
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return null;
      throw error;
    }
  }

  /** Sends one request, by POST when it has a body, and returns its response of any status. */
  async ask(
    path: string,
    body: object | null,
    signal: AbortSignal,
  ): Promise<RegistryAnswer> {
    const { status, text } = await this.#send({
      method: body === null ? "GET" : "POST",
      url: this.#url + path,
      headers: body === null ? {} : { "content-type": "application/json" },
      body: body === null ? null : JSON.stringify(body),
      signal,
    });
    return { status, json: jsonIn(text) };
  }

  /** Sends the requests of the registry's client in place of the client's own HTTP. */
  get middleware(): Middleware {
    return ({ resourceMethod }) => ({
      response: async (_next, _renew, asked) => {
        const body = asked.body();
        const answer = await this.#ask({
          method: asked.method().toUpperCase() as Asked["method"],
          url: asked.url(),
          headers: asked.headers() as Record<string, string>,
          body: typeof body === "string" ? body : null,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (resourceMethod === "config") compatibilityIn(answer);
        // The client uses no other member of a response.
        return { data: () => answer } as unknown as Response;
      },
    });
  }

  /** Returns the JSON of a response with status 200; rejects for others. */
  async #ask(asked: Asked): Promise<unknown> {
    const { status, text } = await this.#send(asked);
    const json = jsonIn(text);
    if (status !== 200) throw new Refusal(status, wordsOf(json, status));
    if (json === undefined) throw new UnfitAnswer("it is not JSON");
    return json;
  }

  /** Sends a request, and once more with another token when the registry refuses the one that was held. */
  async #send(asked: Asked): Promise<Sent> {
    const sent = await this.#sendOnce(asked);
    const isRefused = sent.status === 401 && this.#login.refused();
    return isRefused ? this.#sendOnce(asked) : sent;
  }

  async #sendOnce({ method, url, signal, ...sent }: Asked): Promise<Sent> {
    const login = await abortable(this.#login.headers(), signal);
    const asked = this.#route.request(url, {
      method,
      headers: { ...sent.headers, ...login, accept: "application/json" },
      body: sent.body ?? null,
      signal,
    });
    const { statusCode: status, body } = await abortable(asked, signal);
    return { status, text: await boundedText(body, MOST_BYTES) };
  }
}

/** Parses JSON; undefined for another text. Throws an UnfitAnswer for JSON that would take too much memory. */
function jsonIn(text: string): unknown {
  if (excessIn(Buffer.from(text), BOUNDS) !== null)
    throw new UnfitAnswer(
      `it holds more than ${BOUNDS.values} JSON values, or is nested deeper than ${BOUNDS.depth} levels`,
    );
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function wordsOf(json: unknown, status: number): string {
  const message =
    typeof json === "object" && json !== null && "message" in json
      ? json.message
      : null;
  return typeof message === "string" && message !== ""
    ? message
    : `it answers ${status}`;
}
