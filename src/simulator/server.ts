import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { FaultDice, type Faults } from "./faults.ts";
import { Random } from "./random.ts";
import {
  emptyReply,
  errorReply,
  htmlReply,
  jsonReply,
  type Reply,
} from "./reply.ts";
import { SyncApi } from "./sync-api.ts";
import { World } from "./world.ts";

export interface SimulatorOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly records: number;
  readonly seed: number;
  readonly latencyMs: number;
  /** Requests per second that a token may make; null for any number. */
  readonly rateLimit: number | null;
  readonly pageSize: number;
  readonly changesPerSecond: number;
  readonly faults: Faults;
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
};

const SLOW_MS = 1_000;
const GZIP_FROM_BYTES = 1_000;
const QUEUE_PATH = /^\/v2\/sync\/([^/]+)\/queues\/([^/]+)$/;

type Endpoint = "start" | "queue" | "ack" | "other";

/** A stand-in for Zendesk Sell's Sync API, on a loopback address. */
export class Simulator implements AsyncDisposable {
  readonly world: World;
  readonly #options: SimulatorOptions;
  readonly #api: SyncApi;
  readonly #dice: FaultDice;
  readonly #server: Server;
  readonly #requests = new Map<string, number>();
  readonly #allowances = new Map<string, { tokens: number; atMs: number }>();
  #requestNumber = 0;
  #changes = 0;
  #ticker: NodeJS.Timeout | null = null;

  private constructor(options: SimulatorOptions) {
    this.#options = options;
    this.world = new World(options);
    this.#dice = new FaultDice(options.faults, new Random(options.seed, 4));
    this.#api = new SyncApi({
      world: this.world,
      pageSize: options.pageSize,
      dice: this.#dice,
      order: new Random(options.seed, 5),
      origin: () => this.url,
    });
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => {
        response.destroy();
      });
    });
  }

  static async start(
    options: Partial<SimulatorOptions> = {},
  ): Promise<Simulator> {
    const simulator = new Simulator({ ...defaults, ...options });
    simulator.#server.listen(simulator.#options.port, "127.0.0.1");
    await once(simulator.#server, "listening");
    simulator.#live();
    return simulator;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Counts for people and tests; also at `GET /_simulator/state`. */
  state() {
    const byType: Record<string, number> = {};
    let deleted = 0;
    for (let place = 0; place < this.world.size; place++) {
      const { type, isDeleted } = this.world.state(place);
      if (isDeleted) deleted++;
      else byType[type] = (byType[type] ?? 0) + 1;
    }
    const requests: Record<string, Record<string, number>> = {};
    for (const [name, count] of this.#requests) {
      const [endpoint = "", status = ""] = name.split(" ");
      (requests[endpoint] ??= {})[status] = count;
    }
    const devices = [...this.#api.devices].map(([uuid, device]) => [
      uuid,
      {
        pending: device.pending().length,
        acknowledged: device.acknowledgedKeys,
        sessions: device.sessions,
      },
    ]);
    return {
      records: { live: this.world.size - deleted, deleted, byType },
      changes: this.#changes,
      devices: Object.fromEntries(devices) as Record<
        string,
        { pending: number; acknowledged: number; sessions: number }
      >,
      requests,
      faults: this.#dice.happened,
      violations: Object.fromEntries(this.#api.violations) as Record<
        string,
        number
      >,
    };
  }

  /** True for a record whose deletion that device will never hear of. */
  isNeverTold(device: string, place: number): boolean {
    return this.#api.devices.get(device)?.isNeverTold(place) ?? false;
  }

  /** The account stays as it is from now on. */
  stopChanges(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopChanges();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Lets the account change while it runs. */
  #live(): void {
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
      send(response, jsonReply(200, JSON.stringify(this.state())), false);
      return;
    }
    const endpoint = endpointOf(path);
    const body = await bodyOf(request);
    if (this.#options.latencyMs > 0) await delay(this.#options.latencyMs);
    if (endpoint !== "other" && this.#dice.happens("slow"))
      await delay(SLOW_MS);

    const reply =
      this.#refusal(request, endpoint, number) ??
      this.#answer(request, path, endpoint, body, number);
    const { status } = reply;
    const counted = `${endpoint} ${status}`;
    this.#requests.set(counted, (this.#requests.get(counted) ?? 0) + 1);
    this.#deliver(request, response, reply, endpoint);
  }

  /** Refusals before the request has any effect: faults, limits, and headers that are not in order. */
  #refusal(
    request: IncomingMessage,
    endpoint: Endpoint,
    number: number,
  ): Reply | null {
    const { authorization, "user-agent": userAgent } = request.headers;
    const device = request.headers["x-basecrm-device-uuid"];
    const refuse = (
      rule: string,
      ...[status, code, message]: [number, string, string]
    ) => {
      if (endpoint !== "other") this.#api.violated(rule);
      return errorReply(status, code, message, number);
    };
    if (userAgent === undefined || userAgent.trim() === "")
      return refuse(
        "sent no User-Agent",
        400,
        "invalid_user_agent",
        "The User-Agent header is missing.",
      );
    const [, token] = /^Bearer (\S+)$/i.exec(authorization ?? "") ?? [];
    if (token === undefined)
      return refuse(
        "sent no bearer token",
        401,
        "unauthorized",
        "Required access token is missing, malformed, expired, or invalid.",
      );
    if (endpoint === "other")
      return errorReply(
        404,
        "incorrect_path",
        `Requested path at '${request.url ?? ""}' was not found`,
        number,
      );
    if (typeof device !== "string" || device.trim() === "")
      return refuse(
        "sent no X-Basecrm-Device-UUID",
        400,
        "invalid_header",
        "The X-Basecrm-Device-UUID header is missing.",
      );
    if (request.method !== (endpoint === "queue" ? "GET" : "POST"))
      return refuse(
        "used the wrong method",
        405,
        "invalid_param",
        "The method is not allowed here.",
      );
    if (
      endpoint === "ack" &&
      !/^application\/json\b/i.test(request.headers["content-type"] ?? "")
    )
      return refuse(
        "acknowledged without Content-Type application/json",
        400,
        "invalid_header",
        "The Content-Type must be application/json.",
      );
    if (this.#dice.happens("429") || !this.#isAllowed(token))
      return this.#throttling(number);
    if (this.#dice.happens("404-429"))
      return errorReply(
        404,
        "incorrect_path",
        "Requested path at '/429.json' was not found",
        number,
      );
    if (this.#dice.happens("500"))
      return this.#dice.pick([
        errorReply(500, "server_error", "Something went wrong.", number),
        errorReply(503, "temporarily_unavailable", "Try again later.", number),
        emptyReply(502),
      ]);
    return this.#dice.happens("html") ? htmlReply(200) : null;
  }

  /** Sell's 429 was seen with an empty body, with HTML and with JSON. */
  #throttling(number: number): Reply {
    return this.#dice.pick([
      emptyReply(429),
      htmlReply(429),
      errorReply(429, "rate_limit_exceeded", "Too many requests.", number),
    ]);
  }

  #answer(
    { headers, socket }: IncomingMessage,
    path: string,
    endpoint: Endpoint,
    body: string,
    number: number,
  ): Reply {
    const sync = {
      device: String(headers["x-basecrm-device-uuid"]),
      number,
      connection: socket,
    };
    if (endpoint === "start") return this.#api.start(sync);
    if (endpoint === "ack") return this.#api.acknowledge(sync, body);
    const [, session = "", queue = ""] = QUEUE_PATH.exec(path) ?? [];
    return this.#api.queue(sync, decodeURIComponent(session), queue);
  }

  /** A bucket that holds one second's allowance. */
  #isAllowed(token: string): boolean {
    const { rateLimit } = this.#options;
    if (rateLimit === null) return true;
    const nowMs = performance.now();
    const size = Math.max(1, rateLimit);
    const before = this.#allowances.get(token) ?? { tokens: size, atMs: nowMs };
    const gained = ((nowMs - before.atMs) / 1_000) * rateLimit;
    const tokens = Math.min(size, before.tokens + gained);
    const isAllowed = tokens >= 1;
    this.#allowances.set(token, {
      tokens: isAllowed ? tokens - 1 : tokens,
      atMs: nowMs,
    });
    return isAllowed;
  }

  /** Sends the reply, or loses it on the way, when it is too late to undo anything. */
  #deliver(
    request: IncomingMessage,
    response: ServerResponse,
    reply: Reply,
    endpoint: Endpoint,
  ): void {
    const canFail = endpoint !== "other";
    if (canFail && this.#dice.happens("reset")) {
      request.socket.destroy();
      return;
    }
    const accepted = request.headers["accept-encoding"] ?? "";
    const isZipped =
      /\bgzip\b/.test(accepted) && reply.body.length >= GZIP_FROM_BYTES;
    const isCut =
      canFail && reply.body !== "" && this.#dice.happens("truncate");
    send(response, reply, isZipped, isCut);
  }
}

function endpointOf(path: string): Endpoint {
  if (path === "/v2/sync/start") return "start";
  if (path === "/v2/sync/ack") return "ack";
  return QUEUE_PATH.test(path) ? "queue" : "other";
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function send(
  response: ServerResponse,
  { status, headers, body }: Reply,
  isZipped: boolean,
  isCut = false,
): void {
  const bytes = isZipped ? gzipSync(body, { level: 1 }) : Buffer.from(body);
  const hasBody = status !== 204;
  response.writeHead(status, {
    ...headers,
    ...(isZipped && { "content-encoding": "gzip" }),
    ...(hasBody && { "content-length": bytes.length }),
  });
  if (isCut)
    response.write(bytes.subarray(0, bytes.length >> 1), () => {
      response.destroy();
    });
  else if (hasBody) response.end(bytes);
  else response.end();
}
