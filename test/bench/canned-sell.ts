import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { FaultDice } from "../../src/simulator/faults.ts";
import { Random } from "../../src/simulator/random.ts";
import { SyncApi } from "../../src/simulator/sync-api.ts";
import { World } from "../../src/simulator/world.ts";
import { LocalServer } from "../support/http/local-server.ts";

/** What a contender did, by this server's clock. */
export interface SellCounts {
  readonly requests: number;
  readonly pages: number;
  readonly acknowledged: number;
  /** From the first request to the end of the last page or, when there was one, of the last acknowledgement. */
  readonly elapsedMs: number;
  /** The most requests that came within any one second. */
  readonly mostInASecond: number;
}

/**
 * Hands out pages of the simulator that were made and compressed beforehand, so that the server
 * costs next to nothing. Each `reset` makes it a full account again, seen from so far away.
 */
export class CannedSell extends LocalServer {
  readonly #pages: readonly Buffer[];
  readonly #records: number;
  #latencyMs = 0;
  #next = 0;
  #arrivals: number[] = [];
  #acknowledged = new Set<string>();
  #lastMs = 0;

  private constructor(records: number, pages: readonly Buffer[]) {
    super();
    this.#records = records;
    this.#pages = pages;
  }

  static async start(records: number): Promise<CannedSell> {
    const pages = Array.from(pagesOf(records), (page) => gzipSync(page));
    const sell = new CannedSell(records, pages);
    await sell.listen();
    return sell;
  }

  reset(latencyMs: number): void {
    this.#latencyMs = latencyMs;
    this.#next = 0;
    this.#arrivals = [];
    this.#acknowledged = new Set();
    this.#lastMs = 0;
  }

  counts(): SellCounts {
    return {
      requests: this.#arrivals.length,
      pages: Math.min(this.#next, this.#pages.length),
      acknowledged: this.#acknowledged.size,
      elapsedMs: this.#lastMs - (this.#arrivals[0] ?? 0),
      mostInASecond: mostWithin(this.#arrivals, 1_000),
    };
  }

  protected override async serve(
    { url: path = "" }: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<void> {
    this.#arrivals.push(performance.now());
    if (this.#latencyMs > 0) await delay(this.#latencyMs);
    if (path.endsWith("/start")) this.#start(response);
    else if (path.endsWith("/ack")) this.#acknowledge(body, response);
    // The token has the scope `sync` alone.
    else if (path.endsWith("/custom_fields")) response.writeHead(403).end();
    else this.#page(response);
  }

  #start(response: ServerResponse): void {
    if (this.#acknowledged.size === this.#records) {
      response.writeHead(204).end();
      return;
    }
    this.#next = 0;
    const pages = this.#pages.length;
    const total_count = this.#records;
    const queue = { data: { name: "main", pages, total_count } };
    const session = { data: { id: "canned", queues: [queue] } };
    response.writeHead(201, { "content-type": "application/json" });
    response.end(JSON.stringify(session));
  }

  #page(response: ServerResponse): void {
    const page = this.#pages[this.#next++];
    if (page === undefined) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, {
      "content-type": "application/json",
      "content-encoding": "gzip",
      "content-length": page.length,
    });
    response.end(page);
    this.#lastMs = performance.now();
  }

  #acknowledge(body: Buffer, response: ServerResponse): void {
    const { data } = JSON.parse(body.toString()) as {
      data: { ack_keys: string[] };
    };
    for (const key of data.ack_keys) this.#acknowledged.add(key);
    response.writeHead(202).end();
    this.#lastMs = performance.now();
  }
}

/** An account's queue, page by page. */
export function* pagesOf(records: number): Generator<Buffer> {
  const api = new SyncApi({
    world: new World({ records, seed: 1 }),
    pageSize: 100,
    dice: new FaultDice({}, new Random(1, 4)),
    order: new Random(1, 5),
    origin: () => "",
  });
  const asking = { device: "bench", number: 1, connection: {} };
  const session = JSON.parse(api.start(asking).body) as {
    data: { id: string };
  };
  for (;;) {
    const { status, body } = api.queue(asking, session.data.id, "main");
    if (status === 204) return;
    yield Buffer.from(body);
  }
}

/** `momentsMs` in rising order. */
function mostWithin(momentsMs: readonly number[], spanMs: number): number {
  let most = 0;
  let first = 0;
  momentsMs.forEach((moment, index) => {
    while (moment - (momentsMs[first] ?? 0) >= spanMs) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
