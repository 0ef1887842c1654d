// The client of Sell sends what the Sync API asks for, and turns each answer into a page or a fault.
import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  AckRefusedFault,
  DeniedFault,
  SessionLostFault,
  ThrottledFault,
  UnavailableFault,
} from "../../src/domain/faults.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { SellClient } from "../../src/sell/client.ts";
import { RateLimiter } from "../../src/sell/rate-limiter.ts";
import { ackKey } from "../support/builders.ts";
import { serving } from "../support/http/local-server.ts";
import { item, pageOf } from "../support/sell/scripted-sell.ts";

const TOKEN = "s3cret".repeat(12);
const { signal } = new AbortController();

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of one answer, and a client of it. */
async function served(
  handler: Handler,
  requestTimeoutMs = 5_000,
  requestsPerSecond = 1_000,
) {
  const requests: IncomingMessage[] = [];
  const bodies: string[] = [];
  const server = await serving((request, response, body) => {
    requests.push(request);
    bodies.push(body.toString());
    handler(request, response);
  });
  const seen: { status: number; throttled: boolean }[] = [];
  const client = new SellClient({
    baseUrl: `${server.url}/`,
    accessToken: TOKEN,
    deviceUuid: "device-1",
    requestTimeoutMs,
    userAgent: "sell-kafka/test",
    limiter: new RateLimiter(requestsPerSecond, systemClock),
    clock: systemClock,
    onRequest: ({ status, throttled }) => seen.push({ status, throttled }),
  });
  return {
    client,
    requests,
    bodies,
    seen,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const answering =
  (status: number, body = "", headers = {}): Handler =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

describe("the Sell client", () => {
  it("sends what the Sync API asks for", async () => {
    await using sell = await served(answering(202));
    await sell.client.acknowledge([ackKey("a"), ackKey("b")], signal);
    const [request] = sell.requests;
    expect([request?.method, request?.url]).toEqual(["POST", "/v2/sync/ack"]);
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      "x-basecrm-device-uuid": "device-1",
      "user-agent": "sell-kafka/test",
      accept: "application/json",
      "content-type": "application/json",
    });
    expect(sell.bodies).toEqual(['{"data":{"ack_keys":["a","b"]}}']);
  });

  it("reads pages that are compressed", async () => {
    const page = gzipSync(pageOf([item()]));
    await using sell = await served((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(page);
    });
    const read = await sell.client.session({ id: "s" }).fetch(signal);
    expect(read?.items).toHaveLength(1);
  });

  it.each(["start", "queue"] as const)(
    "takes 204 to %s for: nothing there",
    async (endpoint) => {
      await using sell = await served(answering(204));
      const answer =
        endpoint === "start"
          ? await sell.client.open(signal)
          : await sell.client.session({ id: "s" }).fetch(signal);
      expect(answer).toBeNull();
    },
  );

  it("asks a drained queue no more, also where a request waited for its turn", async () => {
    await using sell = await served(answering(204), 5_000, 0.1);
    const session = sell.client.session({ id: "s" });
    const fetches = [1, 2, 3].map(() => session.fetch(signal));
    expect(await Promise.all(fetches)).toEqual([null, null, null]);
    expect(sell.requests).toHaveLength(1);
  });

  it("sends each request at once, however many are under way", async () => {
    const waiting: (() => void)[] = [];
    await using sell = await served((_, response) => {
      waiting.push(() => response.writeHead(204).end());
      if (waiting.length === 10) for (const answer of waiting) answer();
    });
    const session = sell.client.session({ id: "s" });
    const fetches = Array.from({ length: 10 }, () => session.fetch(signal));
    expect(await Promise.all(fetches)).toEqual(fetches.map(() => null));
  });

  const redirect = { location: "https://elsewhere.example/" };
  it.each([
    ["start", 401, "", {}, DeniedFault, "sell.accessToken"],
    ["queue", 403, "", {}, DeniedFault, '"sync" scope'],
    ["start", 302, "", redirect, DeniedFault, "https://elsewhere.example/"],
    ["start", 404, "", {}, DeniedFault, "sell.baseUrl"],
    ["start", 404, "see /429.json", {}, ThrottledFault, "404"],
    ["queue", 404, "", {}, SessionLostFault, "404"],
    ["queue", 429, "<html>", {}, ThrottledFault, "429"],
    ["queue", 409, "", {}, ThrottledFault, "409"],
    ["queue", 500, "", {}, UnavailableFault, "500"],
    ["queue", 200, "<html>", {}, UnavailableFault, ""],
    ["queue", 201, "{}", {}, UnavailableFault, "201"],
    ["start", 201, "not json", {}, UnavailableFault, ""],
    ["start", 200, "{}", {}, UnavailableFault, "200"],
    ["ack", 422, "", {}, AckRefusedFault, "422"],
    ["ack", 404, "", {}, DeniedFault, "404"],
    ["ack", 200, "", {}, UnavailableFault, "200"],
    ["ack", 503, "", {}, UnavailableFault, "503"],
  ] as const)(
    "%s: %i with %j is the right fault",
    async (endpoint, status, body, headers, fault, words) => {
      await using sell = await served(answering(status, body, headers));
      const call = {
        start: () => sell.client.open(signal),
        queue: () => sell.client.session({ id: "s" }).fetch(signal),
        ack: () => sell.client.acknowledge([ackKey("a")], signal),
      }[endpoint];
      const error = await call().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(fault);
      expect(String(error)).toContain(words);
      expect(sell.requests).toHaveLength(1);
    },
  );

  it("keeps the status of an error whose body is cut", async () => {
    await using sell = await served((_, response) => {
      response.writeHead(401, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    await expect(sell.client.open(signal)).rejects.toBeInstanceOf(DeniedFault);
    expect(sell.seen).toEqual([{ status: 401, throttled: false }]);
  });

  it.each([
    [
      "cut",
      (response: ServerResponse) => {
        response.writeHead(200, { "content-length": "100" });
        response.write('{"items":', () => response.destroy());
      },
    ],
    [
      "stalled",
      (response: ServerResponse) => {
        response.writeHead(200, { "content-length": "100" });
        response.write('{"items":');
      },
    ],
    ["missing", () => undefined],
    ["no answer", (response: ServerResponse) => response.destroy()],
  ] as const)(
    "does not wait for ever for a page that is %s",
    async (_, send) => {
      await using sell = await served((__, response) => {
        send(response);
      }, 300);
      await expect(
        sell.client.session({ id: "s" }).fetch(signal),
      ).rejects.toBeInstanceOf(UnavailableFault);
    },
  );

  it("never tells the token, even when Sell does", async () => {
    const body = JSON.stringify({
      errors: [{ error: { code: "unauthorized", message: `bad ${TOKEN}` } }],
    });
    await using sell = await served(answering(401, body));
    const error = await sell.client.open(signal).catch((e: unknown) => e);
    expect(String(error)).toContain("[redacted]");
    expect(inspect(error)).not.toContain(TOKEN);
  });

  it("ends with the signal's reason", async () => {
    const stop = new AbortController();
    await using sell = await served(() => {
      stop.abort(new Error("stopped"));
    });
    await expect(sell.client.open(stop.signal)).rejects.toThrow("stopped");
  });
});
