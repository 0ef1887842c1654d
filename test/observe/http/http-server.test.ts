// The HTTP server serves its endpoints to its own host names, with security headers, and bounds its pages.
import { once } from "node:events";
import { connect } from "node:net";
import { request, type IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import {
  HttpServer,
  logServing,
} from "../../../src/observe/http/http-server.ts";
import { createLogger } from "../../../src/observe/log/logger.ts";
import { StatusObserver } from "../../../src/observe/status/status-observer.ts";
import type { Status } from "../../../src/observe/status/status.ts";
import { TypeLabels } from "../../../src/observe/metrics/type-counts.ts";
import { watched } from "../../support/observe/watched.ts";

const settings = {
  connector: "test",
  version: "1.2.3",
  sell: "https://sell.example",
  toKafka: true,
  to: "broker:9092",
  schemaRegistry: null,
  topics: "sell.{type}",
  deadLetterTopic: "dead",
  envelope: "change",
  layout: "nested",
  value: "json",
  valueTitle: "JSON",
  pollIntervalMs: 30_000,
};

async function served({ port = 0, host = "127.0.0.1" } = {}) {
  const { clock, troubles } = await watched({}, { toKafka: false });
  const { observer } = troubles;
  const types = new TypeLabels();
  const status = new StatusObserver({ settings, troubles, clock, types });
  const server = await HttpServer.start({
    host,
    port,
    status: () => status.status(),
    metrics: {
      contentType: "text/plain; version=0.0.4",
      text: () => Promise.resolve("up 1\n"),
    },
  });
  const { url } = server;
  const itsPort = new URL(url).port;
  return {
    url,
    port: Number(itsPort),
    observer,
    get: (path: string, init?: RequestInit) => fetch(url + path, init),
    connect: () => connect(Number(itsPort), "127.0.0.1"),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const ready = {
  endpoint: "start" as const,
  status: 204,
  throttled: false,
  durationMs: 1,
  ratePerSecond: 10,
};

/** What is answered to a request that names a host. */
async function statusFor(port: number, path: string, host: string) {
  const headers = { host };
  const asked = request({ host: "127.0.0.1", port, path, headers }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.destroy();
  return response.statusCode;
}

describe("the HTTP server", () => {
  it("answers each endpoint, and HEAD without a body", async () => {
    await using server = await served();
    for (const [path, type] of [
      ["", "text/html; charset=utf-8"],
      ["status.js", "text/javascript; charset=utf-8"],
      ["uplot.css", "text/css; charset=utf-8"],
      ["favicon.svg", "image/svg+xml"],
      ["metrics", "text/plain; version=0.0.4"],
      ["livez?verbose", "application/json; charset=utf-8"],
      ["status", "application/json; charset=utf-8"],
    ] as const) {
      const response = await server.get(path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("content-security-policy")).toContain(
        "default-src 'none'",
      );
      expect(await response.text()).not.toBe("");
      const head = await server.get(path, { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
    }
  });

  it("says what keeps it from being ready", async () => {
    await using server = await served();
    const before = await server.get("readyz");
    expect(before.status).toBe(503);
    const { ready: isReady, reasons } = (await before.json()) as {
      ready: boolean;
      reasons: string[];
    };
    expect(isReady).toBe(false);
    expect(reasons.join()).toContain("Sell has not been reached yet");
    server.observer.requested(ready);
    const after = await server.get("readyz");
    expect(after.status).toBe(200);
    expect(await after.json()).toEqual({ ready: true, reasons: [] });
    expect((await server.get("livez")).status).toBe(200);
  });

  it("serves nothing else", async () => {
    await using server = await served();
    for (const path of ["favicon.ico", "status.html", "..%2fpackage.json", "x"])
      expect((await server.get(path)).status).toBe(404);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const response = await server.get("status", { method });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, HEAD");
    }
  });

  it("pushes the newest state to pages", async () => {
    await using server = await served();
    const events = server.get("events", {
      signal: AbortSignal.timeout(5_000),
    });
    const body = (await events).body ?? new ReadableStream<Uint8Array>();
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of body as ReadableStream<Uint8Array>) {
      if (text === "") server.observer.requested(ready);
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('"ready":true') && text.endsWith("\n\n")) break;
    }
    const [, last = ""] = /data: (.*)\n\n$/.exec(text) ?? [];
    expect((JSON.parse(last) as Status).connector).toBe("test");
  });

  it("takes no more than twenty pages at once, and probes go on", async () => {
    await using server = await served();
    const requests = Array.from({ length: 20 }, () =>
      request(`${server.url}events`, { agent: false }).end(),
    );
    await Promise.all(requests.map((one) => once(one, "response")));
    expect((await server.get("events")).status).toBe(503);
    expect((await server.get("livez")).status).toBe(200);
    requests[0]?.on("error", () => undefined).destroy();
    await expect
      .poll(async () => {
        const response = await server.get("events");
        await response.body?.cancel();
        return response.status;
      })
      .toBe(200);
    for (const one of requests) one.on("error", () => undefined).destroy();
  });

  it("says in one sentence that its port is taken", async () => {
    await using server = await served();
    await expect(served({ port: server.port })).rejects.toThrow(
      `the HTTP server can't listen on 127.0.0.1:${server.port}: another program does; if that is a sell-kafka of this configuration, stop it first`,
    );
  });

  it("has the same security headers for events as for the page", async () => {
    await using server = await served();
    const events = await server.get("events");
    const page = await server.get("");
    await events.body?.cancel();
    for (const name of [
      "content-security-policy",
      "x-content-type-options",
      "referrer-policy",
    ]) {
      expect(page.headers.get(name)).toBeTruthy();
      expect(events.headers.get(name)).toBe(page.headers.get(name));
    }
  });

  it("refuses a foreign host at a loopback address, whatever is asked for", async () => {
    await using server = await served();
    const { port } = server;
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "evil.example#localhost",
      "evil@localhost",
      "10.0.0.1",
      "[fe80::1]",
    ])
      for (const path of ["/", "/status", "/metrics", "/events", "/livez"])
        expect([host, await statusFor(port, path, host)]).toEqual([host, 421]);
    for (const host of [
      "localhost",
      "LOCALHOST:1234",
      "127.0.0.1",
      `127.0.0.1:${port}`,
      "127.9.9.9:80",
      "[::1]:9464",
    ])
      expect([host, await statusFor(port, "/status", host)]).toEqual([
        host,
        200,
      ]);
  });

  it("answers a request that names the whole address, as to a proxy", async () => {
    await using server = await served();
    const host = `localhost:${server.port}`;
    for (const [path, status] of [
      [`http://${host}/livez`, 200],
      [`HTTP://${host}/livez?x=1`, 200],
      [`http://${host}`, 200],
      [`http://${host}/nothing`, 404],
      ["http://evil.example/livez", 421],
    ] as const)
      expect([path, await statusFor(server.port, path, host)]).toEqual([
        path,
        status,
      ]);
  });

  it("listens at an IPv6 address in brackets", async () => {
    await using server = await served({ host: "[::1]" });
    expect(server.url).toBe(`http://[::1]:${server.port}/`);
    expect((await server.get("livez")).status).toBe(200);
  });

  it("answers whatever host it is called elsewhere", async () => {
    await using server = await served({ host: "0.0.0.0" });
    for (const host of ["sell-kafka.example:9464", "10.0.0.1"])
      expect(await statusFor(server.port, "/status", host)).toBe(200);
  });

  it.each([
    ["127.0.0.1", 0],
    ["localhost", 0],
    ["0.0.0.0", 1],
    ["::", 1],
  ])(
    "tells that there is no login when it listens at %s: %i times",
    async (host, times) => {
      await using server = await HttpServer.start({
        host,
        port: 0,
        status: () => ({ ready: true, troubles: [] }),
        metrics: { contentType: "", text: () => Promise.resolve("") },
      });
      const log = new PassThrough();
      logServing(server, createLogger("warn", log));
      const lines = String(log.read() ?? "")
        .trim()
        .split("\n")
        .filter(Boolean);
      expect(lines).toHaveLength(times);
      for (const line of lines) expect(line).toContain("there is no login");
    },
  );

  it("closes at once, whoever is connected", async () => {
    const server = await served();
    const stream = await server.get("events");
    const idle = server.connect();
    await once(idle, "connect");
    const startedMs = performance.now();
    await server[Symbol.asyncDispose]();
    expect(performance.now() - startedMs).toBeLessThan(500);
    await expect(stream.text()).rejects.toThrow();
    idle.destroy();
  });
});
