import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { SimulatedFields, type FieldOddity } from "./custom-fields.ts";
import { parseEndpoint, type Endpoint } from "./endpoint.ts";
import { FaultDice, type Faults } from "./faults.ts";
import { Random } from "./random.ts";
import { errorReply, jsonReply, sendReply, type Reply } from "./reply.ts";
import { RequestChecks } from "./request-checks.ts";
import { SyncApi } from "./sync-api.ts";
import { World } from "./world.ts";

export interface SimulatorOptions {
  /** 0 picks a free port. */
  readonly port: number;
  readonly records: number;
  readonly seed: number;
  readonly latencyMs: number;
  /** Requests per second of one access token; null for any number. */
  readonly rateLimit: number | null;
  readonly pageSize: number;
  readonly changesPerSecond: number;
  readonly faults: Faults;
  readonly customFields: readonly FieldOddity[];
  /** The only token that may read the definitions of custom fields; null when every token may. */
  readonly readToken: string | null;
}

const defaults: SimulatorOptions = {
  port: 0,
  records: 1_000,
  seed: 1,
  latencyMs: 0,
  rateLimit: null,
  pageSize: 100,
  changesPerSecond: 0,
  faults: {},
  customFields: [],
  readToken: null,
};

const SLOW_MS = 1_000;
const GZIP_FROM_BYTES = 1_000;
/** nginx keeps idle connections for this time by default. */
const KEEP_ALIVE_MS = 75_000;

/** Simulates Zendesk Sell's Sync API on a loopback address. */
export class Simulator implements AsyncDisposable {
  readonly world: World;
  readonly #options: SimulatorOptions;
  readonly #api: SyncApi;
  readonly #dice: FaultDice;
  readonly #checks: RequestChecks;
  readonly #server: Server;
  readonly #requests = new Map<string, number>();
  readonly #ended = new AbortController();
  #requestNumber = 0;
  #changes = 0;
  #ticker: NodeJS.Timeout | null = null;

  private constructor(options: SimulatorOptions) {
    this.#options = options;
    const customFields = new SimulatedFields(options.customFields);
    this.world = new World({ ...options, customFields });
    this.#dice = new FaultDice(options.faults, new Random(options.seed, 4));
    this.#api = new SyncApi({
      world: this.world,
      pageSize: options.pageSize,
      dice: this.#dice,
      order: new Random(options.seed, 5),
      origin: () => this.url,
    });
    this.#checks = new RequestChecks({
      dice: this.#dice,
      rateLimit: options.rateLimit,
      readToken: options.readToken,
      violated: (rule) => {
        this.#api.violated(rule);
      },
    });
    this.#server = createServer(
      { keepAliveTimeout: KEEP_ALIVE_MS },
      (request, response) => {
        this.#serve(request, response).catch(() => {
          response.destroy();
        });
      },
    );
  }

  static async start(
    options: Partial<SimulatorOptions> = {},
  ): Promise<Simulator> {
    const simulator = new Simulator({ ...defaults, ...options });
    simulator.#server.listen(simulator.#options.port, "127.0.0.1");
    await once(simulator.#server, "listening");
    simulator.#startChanges();
    const { customFields } = simulator.#options;
    simulator.world.customFields.begin(customFields, simulator.#ended.signal);
    return simulator;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Counts records, requests, faults and violations; also served at `GET /_simulator/state`. */
  state() {
    const requests: Record<string, Record<string, number>> = {};
    for (const [name, count] of this.#requests) {
      const [endpoint = "", status = ""] = name.split(" ");
      (requests[endpoint] ??= {})[status] = count;
    }
    return {
      records: this.world.counts(),
      changes: this.#changes,
      devices: this.#api.deviceCounts(),
      requests,
      faults: this.#dice.happened,
      violations: Object.fromEntries(this.#api.violations) as Record<
        string,
        number
      >,
    };
  }

  /** Returns whether Sell never tells that device of the record's deletion. */
  isNeverTold(device: string, index: number): boolean {
    return this.#api.devices.get(device)?.isNeverTold(index) ?? false;
  }

  /** Ends the changes to the account. */
  stopChanges(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopChanges();
    this.#ended.abort();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Changes the account at the configured rate. */
  #startChanges(): void {
    const { changesPerSecond } = this.#options;
    if (changesPerSecond <= 0) return;
    const startedMs = performance.now();
    const intervalMs = Math.min(Math.max(20, 1_000 / changesPerSecond), 60_000);
    this.#ticker = setInterval(() => {
      const seconds = (performance.now() - startedMs) / 1_000;
      while (this.#changes < Math.floor(seconds * changesPerSecond)) {
        this.world.change(Date.now());
        this.#changes++;
      }
    }, intervalMs);
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const number = ++this.#requestNumber;
    const path = new URL(request.url ?? "/", this.url).pathname;
    if (request.method === "GET" && path === "/_simulator/state") {
      sendReply(response, jsonReply(200, JSON.stringify(this.state())), false);
      return;
    }
    const endpoint = parseEndpoint(path);
    const body = await readBody(request);
    if (this.#options.latencyMs > 0) await delay(this.#options.latencyMs);
    if (endpoint.kind !== "other" && this.#dice.happens("slow"))
      await delay(SLOW_MS);

    const reply =
      this.#checks.reject(request, endpoint, number) ??
      this.#answer(request, endpoint, body, number);
    const { status } = reply;
    const counted = `${endpoint.kind} ${status}`;
    this.#requests.set(counted, (this.#requests.get(counted) ?? 0) + 1);
    this.#deliver(request, response, reply, endpoint);
  }

  #answer(
    { headers, socket, url }: IncomingMessage,
    endpoint: Endpoint,
    body: string,
    number: number,
  ): Reply {
    const sync = {
      device: String(headers["x-basecrm-device-uuid"]),
      number,
      connection: socket,
    };
    switch (endpoint.kind) {
      case "start":
        return this.#api.start(sync);
      case "ack":
        return this.#api.acknowledge(sync, body);
      case "queue": {
        const { session, queue } = endpoint;
        return this.#api.queue(sync, decodeURIComponent(session), queue);
      }
      case "custom_fields":
        return jsonReply(200, this.world.customFields.body(endpoint.resource));
      case "other":
        return errorReply(
          404,
          "incorrect_path",
          `Requested path at '${url ?? ""}' was not found`,
          number,
        );
    }
  }

  /** Sends the reply, or loses it on the way, after the request has had its effect. */
  #deliver(
    request: IncomingMessage,
    response: ServerResponse,
    reply: Reply,
    endpoint: Endpoint,
  ): void {
    const canFail = endpoint.kind !== "other";
    if (canFail && this.#dice.happens("reset")) {
      request.socket.destroy();
      return;
    }
    const accepted = request.headers["accept-encoding"] ?? "";
    const isZipped =
      /\bgzip\b/.test(accepted) && reply.body.length >= GZIP_FROM_BYTES;
    const isCut =
      canFail && reply.body !== "" && this.#dice.happens("truncate");
    sendReply(response, reply, isZipped, isCut);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
