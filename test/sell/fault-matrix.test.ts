// Every answer of Sell at every endpoint: nothing is lost, and waits grow and shrink as they should.
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { drain, type DrainResult } from "../../src/pipeline/drain.ts";
import { DeniedFault } from "../../src/domain/faults.ts";
import type { RequestReport } from "../../src/domain/observer.ts";
import { SellClient } from "../../src/sell/client.ts";
import { RateLimiter } from "../../src/sell/rate-limiter.ts";
import { silentObserver, ackBatchesOf } from "../support/builders.ts";
import { HurriedClock } from "../support/clocks/shifted-clock.ts";
import { serving } from "../support/http/local-server.ts";
import { MemoryPublisher } from "../support/sell/memory-ports.ts";
import { item, pageOf } from "../support/sell/scripted-sell.ts";

const IDS = [1, 2, 3, 4, 5];
const KEYS = IDS.map((id) => `contact-${id}-1`);
const PAGE_SIZE = 2;
const CEILING = 1_000;
const TIMEOUT_MS = 200;

interface Fault {
  /** What is sent in place of the answer; the answer's own body is given. */
  readonly send: (response: ServerResponse, body: string) => void;
  /** Whether the request has its effect all the same. */
  readonly isProcessed?: boolean;
}

const answer =
  (status: number, body = "", headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);

const HTML = "<html><body>Please wait</body></html>";
const ERROR = JSON.stringify({
  errors: [{ error: { code: "rate_limit_exceeded", message: "slowly" } }],
});

const throttling: Record<string, Fault> = {
  "429 without a body": { send: answer(429) },
  "429 with HTML": { send: answer(429, HTML, { "content-type": "text/html" }) },
  "429 with JSON": { send: answer(429, ERROR) },
  "429 with Retry-After in seconds": {
    send: answer(429, "", { "retry-after": "7" }),
  },
  "429 with Retry-After as a date": {
    send: (response) => {
      const date = new Date(Date.now() + 60_000).toUTCString();
      answer(429, "", { "retry-after": date })(response);
    },
  },
  "404 for /429.json": {
    send: answer(404, `Requested path at '/429.json' was not found`),
  },
  "409": { send: answer(409) },
};

const trouble: Record<string, Fault> = {
  "500": { send: answer(500, ERROR) },
  "502 without a body": { send: answer(502) },
  "503 with Retry-After": { send: answer(503, "", { "retry-after": "3" }) },
  "504 with HTML": { send: answer(504, HTML) },
  "200 with HTML": { send: answer(200, HTML) },
  "no answer": { send: (response) => response.destroy() },
  "an answer that is lost": {
    send: (response) => response.destroy(),
    isProcessed: true,
  },
  "an answer that is cut": {
    send: (response, body) => {
      response.writeHead(200, { "content-length": body.length + 10 });
      response.write(body.slice(0, body.length >> 1), () => response.destroy());
    },
    isProcessed: true,
  },
  "gzip that is cut": {
    send: (response, body) => {
      const zipped = gzipSync(body);
      response
        .writeHead(200, { "content-encoding": "gzip" })
        .end(zipped.subarray(0, zipped.length - 9));
    },
    isProcessed: true,
  },
  "gzip that is none": {
    send: answer(200, "not gzip", { "content-encoding": "gzip" }),
    isProcessed: true,
  },
  "a body that stalls": {
    send: (response, body) => {
      response.writeHead(200, { "content-length": body.length + 10 });
      response.write(body);
    },
    isProcessed: true,
  },
  "an answer that is too slow": {
    send: (response, body) => {
      setTimeout(
        () => response.destroyed || response.end(body),
        3 * TIMEOUT_MS,
      );
    },
    isProcessed: true,
  },
};

const denial: Record<string, Fault> = {
  "401": { send: answer(401) },
  "403": { send: answer(403, ERROR) },
  "a redirect": { send: answer(307, "", { location: "http://127.0.0.1:1/" }) },
};

/** A Sell of five contacts, which fails once, at the first request to one endpoint. */
async function failingSell(
  endpoint: RequestReport["endpoint"] | null,
  fault: Fault,
) {
  const pending = new Set(IDS);
  let queue: number[] = [];
  let isFaulty = endpoint !== null;
  const seen = { starts: 0, fetches: 0, acks: 0 };

  const process = (
    at: RequestReport["endpoint"],
    body: string,
  ): [number, string] => {
    if (at === "ack") {
      const { data } = JSON.parse(body) as { data: { ack_keys: string[] } };
      for (const key of data.ack_keys)
        pending.delete(Number(key.split("-")[1]));
      return [202, ""];
    }
    if (at === "start") {
      if (pending.size === 0) return [204, ""];
      queue = [...pending];
      return [201, JSON.stringify({ data: { id: `s${seen.starts}` } })];
    }
    const ids = queue.splice(0, PAGE_SIZE);
    return ids.length === 0
      ? [204, ""]
      : [200, pageOf(ids.map((id) => item({ id })))];
  };

  const server = await serving(({ url = "" }, response, body) => {
    const at = url.endsWith("/start")
      ? "start"
      : url.endsWith("/ack")
        ? "ack"
        : "queue";
    seen[({ start: "starts", queue: "fetches", ack: "acks" } as const)[at]]++;
    if (at !== endpoint || !isFaulty) {
      const [status, text] = process(at, body.toString());
      response.writeHead(status).end(text);
      return;
    }
    isFaulty = false;
    const text = fault.isProcessed ? process(at, body.toString())[1] : "{}";
    fault.send(response, text);
  });

  const clock = new HurriedClock();
  const limiter = new RateLimiter(CEILING, clock);
  const rates: number[] = [];
  const source = new SellClient({
    baseUrl: server.url,
    accessToken: "t0ken",
    deviceUuid: "device-1",
    requestTimeoutMs: TIMEOUT_MS,
    userAgent: "sell-kafka/test",
    limiter,
    clock,
    onRequest: () => rates.push(limiter.rate),
  });
  const publisher = new MemoryPublisher();
  const { signal } = new AbortController();
  const observer = silentObserver();
  return {
    clock,
    rates,
    limiter,
    pending,
    seen,
    published: () => new Set(publisher.published),
    copies: () => publisher.published.length,
    drain: (): Promise<DrainResult> =>
      drain(
        {
          source,
          publisher,
          acknowledges: true,
          ackBatches: ackBatchesOf(500),
          clock,
          observer,
          parallelFetches: 1,
          pollIntervalMs: 30_000,
          maxBufferedBytes: 1_000_000,
        },
        { stopping: signal, givingUp: signal },
      ),
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const endpoints: readonly RequestReport["endpoint"][] = [
  "start",
  "queue",
  "ack",
];
const matrix = (faults: Record<string, Fault>) =>
  endpoints.flatMap((endpoint) =>
    Object.entries(faults).map(
      ([name, fault]) => [name, endpoint, fault] as const,
    ),
  );

describe("when Sell throttles", () => {
  it.concurrent.each(matrix(throttling))(
    "%s to %s costs a wait and nothing else",
    async (name, endpoint, fault) => {
      await using sell = await failingSell(endpoint, fault);
      expect(await sell.drain()).toEqual({ end: "complete", problems: [] });
      expect([...sell.published()]).toEqual(KEYS);
      expect(sell.copies()).toBe(KEYS.length);
      expect(sell.pending.size).toBe(0);
      // Nothing was taken, so one session is enough.
      expect(sell.seen.starts).toBe(endpoint === "start" ? 2 : 1);
      expect(Math.min(...sell.rates)).toBe(CEILING / 2);
      const longest = Math.max(...sell.clock.sleptMs);
      if (name.includes("seconds")) expect(longest).toBeGreaterThan(6_500);
      if (name.includes("date")) expect(longest).toBeGreaterThan(50_000);
    },
  );

  it("lowers its rate, and climbs back to its ceiling with success", async () => {
    await using sell = await failingSell("start", {
      send: answer(429),
    });
    await sell.drain();
    const lowest = sell.rates.indexOf(Math.min(...sell.rates));
    const after = sell.rates.slice(lowest);
    expect(after).toEqual(after.toSorted((one, another) => one - another));
    for (let drains = 0; drains < 30; drains++) await sell.drain();
    expect(sell.limiter.rate).toBe(CEILING);
  });
});

describe("when Sell is in trouble", () => {
  it.concurrent.each(matrix(trouble))(
    "%s to %s loses nothing",
    async (_, endpoint, fault) => {
      await using sell = await failingSell(endpoint, fault);
      expect(await sell.drain()).toEqual({ end: "complete", problems: [] });
      expect([...sell.published()].toSorted()).toEqual(KEYS);
      expect(sell.pending.size).toBe(0);
      // A page may have been in the answer: only another session can tell.
      expect(sell.seen.starts).toBe(endpoint === "ack" ? 1 : 2);
    },
  );

  it("a session that it forgot is begun anew", async () => {
    await using sell = await failingSell("queue", { send: answer(404, ERROR) });
    expect((await sell.drain()).end).toBe("complete");
    expect([...sell.published()]).toEqual(KEYS);
    expect(sell.seen.starts).toBe(2);
  });
});

describe("when Sell refuses access", () => {
  it.concurrent.each([
    ...matrix(denial),
    ["404", "start", { send: answer(404, ERROR) }] as const,
    ["404", "ack", { send: answer(404, ERROR) }] as const,
  ])(
    "%s to %s ends the drain, and the next one has it all",
    async (_, endpoint, fault) => {
      await using sell = await failingSell(endpoint, fault);
      await expect(sell.drain()).rejects.toBeInstanceOf(DeniedFault);
      expect(sell.pending.size).toBe(KEYS.length);
      expect((await sell.drain()).end).toBe("complete");
      expect([...sell.published()].toSorted()).toEqual(KEYS);
      expect(sell.pending.size).toBe(0);
    },
  );
});

it("publishes and acknowledges again what comes again after its acknowledgement was accepted and lost", async () => {
  await using sell = await failingSell("ack", { send: answer(202) });
  expect((await sell.drain()).end).toBe("complete");
  const unheard = sell.pending.size;
  expect(unheard).toBeGreaterThan(0);
  expect((await sell.drain()).end).toBe("complete");
  expect(sell.copies()).toBe(KEYS.length + unheard);
  expect(sell.pending.size).toBe(0);
});
