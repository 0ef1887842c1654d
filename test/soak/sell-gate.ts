import { once } from "node:events";
import {
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { bodyOf, LocalServer } from "../support/http/local-server.ts";
import type { Meets } from "./watch.ts";

/** Stands before Sell, keeps account of what it hands out and hears, and can hold each step. */
export class SellGate extends LocalServer {
  readonly #target: string;
  readonly #meets: Meets;
  /** Keys of items that Sell handed out, whether or not anybody received them. */
  readonly handedOut = new Set<string>();
  /** Keys that the connector acknowledged. */
  readonly acknowledged = new Set<string>();

  private constructor(target: string, meets: Meets) {
    super();
    this.#target = target;
    this.#meets = meets;
  }

  static async start(target: string, meets: Meets): Promise<SellGate> {
    const gate = new SellGate(target, meets);
    await gate.listen();
    return gate;
  }

  protected override async serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<void> {
    const path = request.url ?? "/";
    const isAck = path === "/v2/sync/ack";
    if (isAck) {
      for (const key of keysOf(body)) this.acknowledged.add(key);
      await this.#meets("ack asked");
    }
    // A request whose sender has died meanwhile was never sent.
    if (request.socket.destroyed) return;
    const headers = { ...request.headers, "accept-encoding": "identity" };
    const outgoing = httpRequest(this.#target + path, {
      method: request.method,
      headers,
      agent: false,
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    const answer = await bodyOf(incoming);
    if (path.endsWith("/queues/main") && incoming.statusCode === 200)
      for (const key of ackKeysIn(answer)) this.handedOut.add(key);
    if (isAck) await this.#meets("ack answered");
    response.writeHead(incoming.statusCode ?? 502, incoming.headers);
    response.end(answer);
    if (path.endsWith("/queues/main") && answer.length > 0) {
      await once(response, "finish");
      await this.#meets("page passed");
    }
  }
}

function keysOf(body: Buffer): string[] {
  const json = JSON.parse(body.toString("utf8")) as {
    data: { ack_keys: string[] };
  };
  return json.data.ack_keys;
}

/** A page may be HTML, by one of Sell's faults. */
function ackKeysIn(page: Buffer): string[] {
  const text = page.toString("utf8");
  return [...text.matchAll(/"ack_key":"([^"]+)"/g)].map(([, key]) => key ?? "");
}
