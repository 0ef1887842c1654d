import { Agent as HttpsAgent } from "node:https";
import registryClient from "@kafkajs/confluent-schema-registry";
import { Agent, request } from "undici";
import { reasonOf } from "../../causes/reason-of.ts";
import { abortable } from "../../pipeline/abortable.ts";
import { TypeFault, UnavailableFault } from "../../pipeline/faults.ts";
import type { TlsOptions } from "../../security/tls-options.ts";
import { tlsTroubleOf } from "../../security/tls-trouble.ts";
import { excerptOf, withoutSecrets } from "../../security/without-secrets.ts";

import { boundedJson, type RegistryAnswer } from "./registry-answer.ts";

const { COMPATIBILITY, SchemaRegistry, SchemaType } = registryClient;
const REQUEST_TIMEOUT_MS = 30_000;

export interface RegistryOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly ssl?: TlsOptions | undefined;
}

export interface RegisteredSchema {
  readonly id: number;
  /** The schema's JSON text. */
  readonly text: string;
}

/**
 * A schema registry with Confluent's API. Every method is one attempt, and rejects with an
 * UnavailableFault when the registry is away, with a TypeFault when it refuses.
 */
export class Registry {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #secrets: readonly string[];
  readonly #agent: Agent;
  readonly #client: InstanceType<typeof SchemaRegistry>;

  constructor({ url, username, password, ssl }: RegistryOptions) {
    this.#url = url.replace(/\/+$/, "");
    const auth =
      username === undefined || password === undefined
        ? undefined
        : { username, password };
    const basic = auth && `${auth.username}:${auth.password}`;
    this.#secrets = auth && basic ? [auth.password, basic] : [];
    this.#headers =
      basic === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(basic).toString("base64")}` };
    const tls = ssl ?? { rejectUnauthorized: true };
    this.#agent = new Agent({ connect: tls, keepAliveTimeout: 1_000 });
    this.#client = new SchemaRegistry({
      host: this.#url,
      clientId: "sell-kafka",
      retry: { retries: 0 },
      ...(auth && { auth }),
      ...(this.#url.startsWith("https:") && { agent: new HttpsAgent(tls) }),
    });
  }

  /** The address at which consumers find a schema. */
  schemaUrl(id: number): string {
    return `${this.#url}/schemas/ids/${id}`;
  }

  /** Registers a schema under a subject, whose compatibility setting stays as it is; answers its id. */
  async register(
    subject: string,
    text: string,
    signal: AbortSignal,
  ): Promise<number> {
    const compatibility = await this.#compatibility(subject, signal);
    return this.#attempt(subject, signal, async () => {
      const { id } = await this.#client.register(
        { type: SchemaType.AVRO, schema: text },
        // The client insists on comparing with the subject's own setting, so it is told that one.
        { subject, updateConfig: false, compatibility } as { subject: string },
      );
      return id;
    });
  }

  /** The newest schema of a subject; null when there is none. */
  async latest(
    subject: string,
    signal: AbortSignal,
  ): Promise<RegisteredSchema | null> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`;
    const body = await this.#get(subject, path, signal);
    if (body === null) return null;
    const { id, schema } = body as { id: number; schema: string };
    return { id, text: schema };
  }

  /** The JSON text of a schema by its id; null when there is none. */
  async byId(id: number, signal: AbortSignal): Promise<string | null> {
    const body = await this.#get(`schema ${id}`, `/schemas/ids/${id}`, signal);
    return body === null ? null : (body as { schema: string }).schema;
  }

  /**
   * One request as `check` makes it; answers what came, whatever that is, with `json` undefined
   * for what is none. Rejects also when access is denied or the registry is in trouble.
   */
  async ask(
    path: string,
    body: object | null,
    signal: AbortSignal,
  ): Promise<RegistryAnswer> {
    return this.#attempt("the registry", signal, async (within) => {
      const response = await request(this.#url + path, {
        dispatcher: this.#agent,
        method: body === null ? "GET" : "POST",
        headers: {
          accept: "application/json",
          ...(body !== null && { "content-type": "application/json" }),
          ...this.#headers,
        },
        body: body === null ? null : JSON.stringify(body),
        signal: within,
      });
      const { statusCode: status } = response;
      const json = await boundedJson(response.body);
      if (status === 401 || status === 403 || status >= 500)
        throw Object.assign(new Error(`it answers ${status}`), { status });
      return { status, json };
    });
  }

  /** Every subject that the registry knows. Tells whether it can be reached and read. */
  async subjects(signal: AbortSignal): Promise<readonly string[]> {
    const body = await this.#get("the registry", "/subjects", signal);
    return Array.isArray(body) ? (body as string[]) : [];
  }

  /** The subject's own setting, such as `BACKWARD`; undefined when the registry's holds for it. */
  async #compatibility(subject: string, signal: AbortSignal) {
    const path = `/config/${encodeURIComponent(subject)}`;
    const body = await this.#get(subject, path, signal);
    const { compatibilityLevel } = (body ?? {}) as {
      compatibilityLevel?: string;
    };
    return Object.values(COMPATIBILITY).find(
      (level: string) => level === compatibilityLevel?.toUpperCase(),
    );
  }

  /** The JSON at a path; null when there is nothing (404). */
  async #get(
    subject: string,
    path: string,
    signal: AbortSignal,
  ): Promise<unknown> {
    return this.#attempt(subject, signal, async (within) => {
      const { statusCode, body } = await request(this.#url + path, {
        dispatcher: this.#agent,
        headers: { accept: "application/json", ...this.#headers },
        signal: within,
      });
      const text = await body.text();
      if (statusCode === 404) return null;
      if (statusCode !== 200)
        throw Object.assign(new Error(`it answers ${statusCode}`), {
          status: statusCode,
        });
      return JSON.parse(text) as unknown;
    });
  }

  async #attempt<T>(
    subject: string,
    signal: AbortSignal,
    task: (within: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const within = AbortSignal.any([signal, timeout]);
    try {
      return await abortable(task(within), within);
    } catch (cause) {
      signal.throwIfAborted();
      throw this.#faultOf(subject, cause);
    }
  }

  #faultOf(subject: string, error: unknown): Error {
    const reason = excerptOf(reasonOf(error), this.#secrets, 500);
    const cause = new Error(reason);
    const trouble = tlsTroubleOf(error, "schemaRegistry.ssl");
    if (trouble !== null)
      return new TypeFault(
        `the schema registry at ${this.#url} ${withoutSecrets(trouble, this.#secrets)}`,
        {
          cause,
        },
      );
    const status = refusalStatus(error);
    if (status === 401 || status === 403)
      return new TypeFault(
        `the schema registry at ${this.#url} denies access to ${subject} (${status}); check schemaRegistry.username and password, what that user may do (read, register, read the compatibility), and that nothing in between blocks the request`,
        { cause },
      );
    if (status === 409)
      return new TypeFault(
        `the schema registry refuses the schema of ${subject} as incompatible: ${reason}; register a schema yourself with schemaRegistry.autoRegister false, or change the subject's compatibility`,
        { cause },
      );
    if (status !== null)
      return new TypeFault(
        `the schema registry refuses ${subject} (${status}): ${reason}`,
        { cause },
      );
    return new UnavailableFault(
      `the schema registry at ${this.#url} can't be reached: ${reason}`,
      { cause },
    );
  }
}

/**
 * The status of an answer that refuses for good; null for anything that may pass. The client
 * makes a 400 of a connection that failed, and registries refuse schemas with 409 and 422.
 */
function refusalStatus(cause: unknown): number | null {
  const status =
    cause instanceof Error && "status" in cause ? Number(cause.status) : NaN;
  const isRefusal = status >= 400 && status < 500;
  return isRefusal && ![400, 408, 425, 429].includes(status) ? status : null;
}
