// Answers of Sell that are huge, endless or of another shape are faults of one request, in bounded memory.
import type { ServerResponse } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { drain } from "../../src/pipeline/drain.ts";
import { DeniedFault, UnavailableFault } from "../../src/domain/faults.ts";
import { SellClient } from "../../src/sell/client.ts";
import { RateLimiter } from "../../src/sell/rate-limiter.ts";
import { endlessly, serving } from "../support/http/local-server.ts";
import { silentObserver, ackBatchesOf } from "../support/builders.ts";
import { HurriedClock } from "../support/clocks/shifted-clock.ts";
import { MemoryPublisher } from "../support/sell/memory-ports.ts";
import { item, pageOf } from "../support/sell/scripted-sell.ts";

const { signal } = new AbortController();

async function served(
  answer: (response: ServerResponse, path: string) => void,
  options: { maxPageBytes?: number; requestTimeoutMs?: number } = {},
) {
  const paths: string[] = [];
  const server = await serving(({ url = "" }, response) => {
    paths.push(url);
    answer(response, url);
  });
  const client = new SellClient({
    baseUrl: server.url,
    accessToken: "t0ken".repeat(13),
    deviceUuid: "device-1",
    requestTimeoutMs: 10_000,
    userAgent: "sell-kafka/test",
    limiter: new RateLimiter(1_000, systemClock),
    clock: systemClock,
    onRequest: () => undefined,
    ...options,
  });
  return {
    client,
    paths,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function errorOf(task: Promise<unknown>): Promise<Error | null> {
  return task.then(
    () => null,
    (error: unknown) => error as Error,
  );
}

const sending =
  (status: number, body: string | Buffer = "", headers = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);

const sessionOf = (id: unknown) =>
  sending(201, JSON.stringify({ data: { id } }));

describe("a session id that Sell makes up", () => {
  it.each([
    ".",
    "..",
    "../../v2/contacts",
    "a/b",
    "a\\b",
    "\ud800",
    "a\udfffb",
    "a\u0000b",
    "a\nb",
    "a\u0085b",
    "x".repeat(513),
    -1.5,
    1e21,
    true,
    {},
    ["a"],
    "",
    null,
  ])("%j is a fault of that request", async (id) => {
    await using sell = await served(sessionOf(id));
    const error = await errorOf(sell.client.open(signal));
    expect(error).toBeInstanceOf(UnavailableFault);
    expect(error?.message).toMatch(/session id|id that can't be one/);
  });

  it.each(["a b", "%2e%2e", "ü?#", "...", "a.b", 7, "7".repeat(512)])(
    "%j stays one segment of the path",
    async (id) => {
      await using sell = await served((response, path) => {
        if (path === "/v2/sync/start") sessionOf(id)(response);
        else sending(204)(response);
      });
      const session = await sell.client.open(signal);
      await session?.fetch(signal);
      expect(sell.paths[1]).toBe(
        `/v2/sync/${encodeURIComponent(id)}/queues/main`,
      );
    },
  );
});

describe("a page that grows", () => {
  const objects = (count: number, meta = {}) =>
    `{"items":[${Array(count).fill("{}").join(",")}],"meta":${JSON.stringify(meta)}}`;
  const pages: Record<string, [string, RegExp]> = {
    "two million empty items": [objects(2_000_000), /10000 items/],
    "10,001 items": [objects(10_001), /10000 items/],
    "five million numbers in one record": [
      pageOf([item({ data: `{"id":1,"x":[${"1,".repeat(5_000_000)}1]}` })]),
      /2000000 JSON values/,
    ],
    "five million empty objects beside the items": [
      `{"items":[],"meta":{"x":[${"{},".repeat(5_000_000)}{}]}}`,
      /2000000 JSON values/,
    ],
    "a million levels": [
      pageOf([
        item({ data: `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}` }),
      ]),
      /200000 levels/,
    ],
  };
  it.each(Object.keys(pages))(
    "%s are refused before they take memory",
    async (name) => {
      const [page = "", bound = /^/] = pages[name] ?? [];
      const zipped = gzipSync(page);
      await using sell = await served(
        sending(200, zipped, { "content-encoding": "gzip" }),
      );
      const before = process.memoryUsage().rss;
      const error = await errorOf(
        sell.client.session({ id: "s" }).fetch(signal),
      );
      expect(error).toBeInstanceOf(UnavailableFault);
      expect(error?.message).toMatch(bound);
      const grown = process.memoryUsage().rss - before;
      expect(grown).toBeLessThan(page.length + 64_000_000);
    },
  );

  it("takes 10,000 items and as many failed objects as there may be", async () => {
    const failed_objects = Array(200_000).fill({ type: "deal", id: 1 });
    await using sell = await served(
      sending(200, objects(10_000, { failed_objects })),
    );
    const page = await sell.client.session({ id: "s" }).fetch(signal);
    expect(page?.items).toHaveLength(10_000);
    expect(page?.failedObjects).toHaveLength(10_000);
  });

  const zeros = Buffer.alloc(3_000_000, " ");
  it.each([
    ["", zeros],
    ["gzip", gzipSync(zeros)],
    ["deflate", deflateSync(zeros)],
    ["br", brotliCompressSync(zeros)],
  ])("names the bound and the key: %s", async (encoding, body) => {
    const headers = encoding && { "content-encoding": encoding };
    await using sell = await served(sending(200, body, headers || {}), {
      maxPageBytes: 2_000_000,
    });
    const error = await errorOf(sell.client.session({ id: "s" }).fetch(signal));
    expect(error).toBeInstanceOf(UnavailableFault);
    expect(error?.message).toContain("2000000 bytes (sell.maxPageBytes)");
  });

  it("ends the connection of an answer without end", async () => {
    let sent = () => 0;
    await using sell = await served(
      (response) => {
        sent = endlessly(response, '{"items":[');
      },
      { maxPageBytes: 1_000_000 },
    );
    const error = await errorOf(sell.client.session({ id: "s" }).fetch(signal));
    expect(error?.message).toContain("sell.maxPageBytes");
    expect(sent()).toBeLessThan(20_000_000);
  });
});

describe("an answer of another shape", () => {
  const page = Buffer.from(pageOf([item()]));
  it.each([
    ["gzip", gzipSync(page)],
    ["GZIP", gzipSync(page)],
    ["deflate", deflateSync(page)],
    ["br", brotliCompressSync(page)],
    ["identity", page],
  ])("is read when it is encoded as %s", async (encoding, body) => {
    await using sell = await served(
      sending(200, body, { "content-encoding": encoding }),
    );
    expect(
      (await sell.client.session({ id: "s" }).fetch(signal))?.items,
    ).toHaveLength(1);
  });

  it.each(["zstd", "gzip, gzip", "x".repeat(5_000)])(
    "is a fault when it is encoded as %s",
    async (encoding) => {
      await using sell = await served(
        sending(200, page, { "content-encoding": encoding }),
      );
      const error = await errorOf(
        sell.client.session({ id: "s" }).fetch(signal),
      );
      expect(error).toBeInstanceOf(UnavailableFault);
      expect(error?.message.length).toBeLessThan(300);
    },
  );

  it.each([
    ["items", { items: {} }],
    ["items", { items: 1e400 }],
    ["nothing", null],
    ["a number", 7],
    ["a list", []],
  ])("%s: is a fault of that request", async (_, body) => {
    await using sell = await served(sending(200, JSON.stringify(body)));
    const error = await errorOf(sell.client.session({ id: "s" }).fetch(signal));
    expect(error).toBeInstanceOf(UnavailableFault);
  });

  it.each(["-1", '"12"', "1e400", "-1e400", "1.5", "1e21", "{}", "null"])(
    "count_left %s counts for nothing",
    async (count) => {
      await using sell = await served(
        sending(200, `{"items":[],"meta":{"count_left":${count}}}`),
      );
      const read = await sell.client.session({ id: "s" }).fetch(signal);
      expect(read?.countLeft).toBeNull();
    },
  );

  it("keeps the digits of an id, and the last of two names", async () => {
    const data = '{"id":1,"id":123456789012345678901234567890}';
    await using sell = await served(sending(200, pageOf([item({ data })])));
    const read = await sell.client.session({ id: "s" }).fetch(signal);
    expect(read?.items[0]?.id).toBe("123456789012345678901234567890");
  });

  it.each([204, 202, 201])(
    "whatever body follows %i, it ends in time",
    async (status) => {
      await using sell = await served(
        (response) => {
          response.socket?.write(
            `HTTP/1.1 ${status} X\r\ncontent-length: 4000000000\r\n\r\n${"x".repeat(1_000)}`,
          );
        },
        { requestTimeoutMs: 300 },
      );
      for (const call of [
        () => sell.client.open(signal),
        () => sell.client.acknowledge([], signal),
      ]) {
        const error = await errorOf(call());
        if (error !== null) expect(error).toBeInstanceOf(UnavailableFault);
      }
    },
  );

  it.each(["\u0000", "-", "Infinity", "-1e300", "1e300", "Fri, 32 Foo 99999"])(
    "takes Retry-After %j for a wait of an hour at most",
    async (retryAfter) => {
      await using sell = await served((response) => {
        response.socket?.end(
          `HTTP/1.1 503 X\r\nretry-after: ${retryAfter}\r\ncontent-length: 0\r\n\r\n`,
        );
      });
      const error = await errorOf(sell.client.open(signal));
      expect(error).toBeInstanceOf(UnavailableFault);
    },
  );

  it("reads no more of an error than describes it", async () => {
    let sent = () => 0;
    await using sell = await served((response) => {
      const writeHead = response.writeHead.bind(response);
      response.writeHead = () => writeHead(401);
      sent = endlessly(response);
    });
    const error = await errorOf(sell.client.open(signal));
    expect(error).toBeInstanceOf(DeniedFault);
    expect(sent()).toBeLessThan(20_000_000);
  });

  it.each([
    `HTTP/1.1 200 X\r\nx: ${"y".repeat(1_000_000)}\r\n\r\n`,
    `${"HTTP/1.1 100 Continue\r\n\r\n".repeat(3)}HTTP/1.1 999 X\r\n\r\n`,
    "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "\u0000\u0001\u0002",
    "HTTP/1.1 200 X\r\ncontent-length: -1\r\n\r\n",
    "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
  ])("%# is a fault of that request", async (bytes) => {
    await using sell = await served(
      (response) => response.socket?.end(Buffer.from(bytes, "latin1")),
      { requestTimeoutMs: 2_000 },
    );
    const error = await errorOf(sell.client.session({ id: "s" }).fetch(signal));
    expect(error).toBeInstanceOf(UnavailableFault);
  });
});

it("a page that can't be read ends a drain with its bound, and is not asked for hotly", async () => {
  const { signal: never } = new AbortController();
  let sessions = 0;
  const page = pageOf([item({ data: `{"id":1,"x":"${"y".repeat(5_000)}"}` })]);
  let queue: string[] = [];
  await using sell = await served(
    (response, path) => {
      if (path === "/v2/sync/start") {
        queue = [page];
        sessionOf(`s${++sessions}`)(response);
      } else {
        const body = queue.shift();
        sending(body === undefined ? 204 : 200, body)(response);
      }
    },
    { maxPageBytes: 4_000 },
  );
  const clock = new HurriedClock();
  const observer = silentObserver();
  const source = sell.client;
  const result = await drain(
    {
      source,
      publisher: new MemoryPublisher(),
      acknowledges: true,
      ackBatches: ackBatchesOf(10),
      clock,
      observer,
      parallelFetches: 1,
      pollIntervalMs: 30_000,
      maxBufferedBytes: 1_000_000,
    },
    { stopping: never, givingUp: never },
  );
  expect(result.end).toBe("incomplete");
  expect(result.problems.map(({ message }) => message).join()).toContain(
    "4000 bytes (sell.maxPageBytes)",
  );
  expect(sessions).toBe(5);
});
