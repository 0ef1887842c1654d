import type { CustomField } from "../../domain/custom-fields.ts";
import { DeniedFault } from "../../domain/faults.ts";
import { SellHttp, type SellHttpOptions, type SellRequest } from "../http.ts";
import { decodeDefinitions } from "./definitions.ts";

/** Asks Sell's Core API for the definitions of custom fields, one attempt a call. */
export class DefinitionClient implements AsyncDisposable {
  /** One for each token, the first that is tried first. */
  readonly #clients: readonly SellHttp[];
  #working = 0;

  constructor(options: readonly Omit<SellHttpOptions, "deviceUuid">[]) {
    this.#clients = options.map(
      (one) => new SellHttp({ ...one, deviceUuid: null }),
    );
  }

  /**
   * The fields of a resource, such as `contact`; `label` goes into each. Rejects with a DeniedFault
   * when no token may read them, and with an UnavailableFault.
   */
  async fields(
    resource: string,
    label: string | null,
    signal: AbortSignal,
  ): Promise<CustomField[]> {
    const request: SellRequest = {
      endpoint: "custom_fields",
      method: "GET",
      path: `/v2/${resource}/custom_fields`,
    };
    let denied: unknown = null;
    for (const offset of this.#clients.keys()) {
      const at = (this.#working + offset) % this.#clients.length;
      const client = this.#clients[at];
      if (client === undefined) continue;
      try {
        const fields = await ask(client, request, label, signal);
        this.#working = at;
        return fields;
      } catch (error) {
        if (!(error instanceof DeniedFault)) throw error;
        denied ??= error;
      }
    }
    throw denied;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
  }
}

async function ask(
  client: SellHttp,
  request: SellRequest,
  label: string | null,
  signal: AbortSignal,
): Promise<CustomField[]> {
  const answer = await client.send(request, signal);
  if (answer.status !== 200) throw client.fault(request, answer);
  try {
    return decodeDefinitions(answer.body, label);
  } catch (error) {
    throw client.unreadable(request, error);
  }
}
