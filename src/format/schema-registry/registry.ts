import type registryClient from "@kafkajs/confluent-schema-registry";
import { reasonOf } from "../../lib/text/reason-of.ts";
import { abortable } from "../../lib/abortable.ts";
import {
  DeniedFault,
  TypeFault,
  UnavailableFault,
} from "../../domain/faults.ts";
import { noProxies, type Proxies } from "../../security/proxies.ts";
import { TooLargeAnswer } from "../../security/bounded-text.ts";
import type { TlsOptions } from "../../security/tls-options.ts";
import { tlsTroubleOf } from "../../security/tls-trouble.ts";
import { excerptOf, withoutSecrets } from "../../security/without-secrets.ts";
import {
  compatibilityIn,
  idIn,
  registeredIn,
  schemaIn,
  subjectsIn,
  UnfitAnswer,
} from "./registry-answers.ts";
import { RegistryHttp, type RegistryAnswer } from "./registry-http.ts";
import {
  createRegistryLogin,
  type RegistryLogin,
  type RegistryLoginOptions,
} from "./registry-login.ts";
import { refusalStatus, refusedBy } from "./registry-refusals.ts";
import type { RegisteredSchema, Schema } from "./schema.ts";

type Client = InstanceType<typeof registryClient.SchemaRegistry>;
type ClientSchema = Parameters<Client["register"]>[0];

/** Loads the client with its first use: it takes a tenth of the start of a process that has no registry. */
async function loadClient(): Promise<typeof registryClient> {
  return (await import("@kafkajs/confluent-schema-registry")).default;
}

const REQUEST_TIMEOUT_MS = 30_000;
const LONGEST_REASON = 500;

export interface RegistryOptions extends RegistryLoginOptions {
  readonly url: string;
  readonly ssl?: TlsOptions | undefined;
  readonly proxies?: Proxies;
}

/**
 * A schema registry with Confluent's API. Each method makes one attempt. It rejects with an
 * UnavailableFault when the registry can't be reached, and with a TypeFault when it refuses.
 */
export class Registry {
  readonly #url: string;
  readonly #login: RegistryLogin;
  readonly #http: RegistryHttp;
  #client: Promise<Client> | null = null;

  constructor(options: RegistryOptions) {
    const { url, ssl, proxies = noProxies } = options;
    this.#url = url.replace(/\/+$/, "");
    this.#login = createRegistryLogin(options, proxies);
    this.#http = new RegistryHttp(this.#url, {
      login: this.#login,
      tls: ssl ?? { rejectUnauthorized: true },
      proxies,
    });
  }

  /** The proxy in use, as words that follow the registry's address in a message; empty without one. */
  get via(): string {
    return this.#http.via;
  }

  /** The address of a schema, for consumers. */
  schemaUrl(id: number): string {
    return `${this.#url}/schemas/ids/${id}`;
  }

  /** Registers a schema under a subject and returns its id. The subject keeps its compatibility setting. */
  async register(
    subject: string,
    { kind, text }: Schema,
    signal: AbortSignal,
  ): Promise<number> {
    const compatibility = await this.#compatibility(subject, signal);
    return this.#attempt(subject, signal, async () => {
      const { SchemaType } = await loadClient();
      const client = await (this.#client ??= this.#createClient());
      const registered: unknown = await client.register(
        { type: SchemaType[kind], schema: text } as ClientSchema,
        // The client throws unless it is given the subject's own setting.
        { subject, updateConfig: false, compatibility } as { subject: string },
      );
      return idIn(registered);
    });
  }

  /** The newest schema of a subject; null when there is none. */
  async latest(
    subject: string,
    signal: AbortSignal,
  ): Promise<RegisteredSchema | null> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`;
    return this.#get(subject, path, signal, registeredIn);
  }

  /** A schema by its id; null when there is none. */
  async byId(
    id: number,
    signal: AbortSignal,
  ): Promise<RegisteredSchema | null> {
    return this.#get(
      `schema ${id}`,
      `/schemas/ids/${id}`,
      signal,
      (body): RegisteredSchema => ({ id, ...schemaIn(body) }),
    );
  }

  /**
   * Sends one request of `check` and returns its response. Rejects for the statuses that mean no
   * access (401, 403) or a failing registry (500 and above).
   */
  async ask(
    path: string,
    body: object | null,
    signal: AbortSignal,
  ): Promise<RegistryAnswer> {
    return this.#attempt("the registry", signal, async (within) => {
      const answer = await this.#http.ask(path, body, within);
      const { status } = answer;
      if (status === 401 || status === 403 || status >= 500)
        throw Object.assign(new Error(`it answers ${status}`), { status });
      return answer;
    });
  }

  /** All subjects. Also used to test whether the registry can be reached and read. */
  async subjects(signal: AbortSignal): Promise<readonly string[]> {
    const what = "the registry";
    const subjects = await this.#get(what, "/subjects", signal, subjectsIn);
    if (subjects !== null) return subjects;
    throw this.#faultOf(what, new UnfitAnswer("there is no /subjects (404)"));
  }

  async #createClient(): Promise<Client> {
    const { SchemaRegistry } = await loadClient();
    return new SchemaRegistry({
      host: this.#url,
      clientId: "sell-kafka",
      retry: { retries: 0 },
      // The client's own requests have no size limit and know no proxies.
      middlewares: [this.#http.middleware],
    });
  }

  /** The compatibility setting of a subject, such as `BACKWARD`; undefined when it has none of its own. */
  async #compatibility(subject: string, signal: AbortSignal) {
    const path = `/config/${encodeURIComponent(subject)}`;
    const level = await this.#get(subject, path, signal, compatibilityIn);
    const { COMPATIBILITY } = await loadClient();
    return Object.values(COMPATIBILITY).find((one: string) => one === level);
  }

  /** Reads the JSON at a path by `read`; null for a 404. */
  async #get<T>(
    subject: string,
    path: string,
    signal: AbortSignal,
    read: (body: unknown) => T,
  ): Promise<T | null> {
    return this.#attempt(subject, signal, (within) =>
      this.#http.get(path, read, within),
    );
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

  #unusable(reason: string, options?: ErrorOptions): TypeFault {
    return new TypeFault(
      {
        code: "registry-unusable",
        reason: `the schema registry at ${this.#url} ${reason}`,
        remedy: "check schemaRegistry.url and schemaRegistry.ssl",
      },
      options,
    );
  }

  #faultOf(subject: string, error: unknown): Error {
    if (error instanceof UnavailableFault) return error;
    if (error instanceof DeniedFault)
      return new TypeFault({
        code: "registry-denied",
        reason: `there is no token for the schema registry at ${this.#url}: ${error.message}`,
        remedy: "check schemaRegistry.oauth",
        subject,
      });
    const secrets = this.#login.secrets();
    const said = this.#http.hide(reasonOf(error));
    const reason = excerptOf(said, secrets, LONGEST_REASON);
    const cause = new Error(reason);
    const trouble = tlsTroubleOf(error, "schemaRegistry.ssl");
    if (trouble !== null)
      return this.#unusable(withoutSecrets(trouble, secrets), { cause });
    const refusal = this.#http.refusal(error);
    if (refusal?.isLasting === true)
      return this.#unusable(`can't be reached: ${refusal.message}`);
    const status = refusalStatus(error);
    const { settings } = this.#login;
    if (status !== null)
      return new TypeFault(
        refusedBy(this.#url, { status, reason, subject, settings }),
        {
          cause,
        },
      );
    return new UnavailableFault(
      error instanceof UnfitAnswer || error instanceof TooLargeAnswer
        ? `the schema registry at ${this.#url}${this.#http.via} gives an answer for ${subject} that can't be used: ${reason}; check schemaRegistry.url`
        : `the schema registry at ${this.#url}${this.#http.via} can't be reached: ${refusal?.message ?? reason}`,
      { cause },
    );
  }
}
