import { once } from "node:events";
import { connect } from "node:net";
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { Health } from "../../src/observe/health.ts";
import { HttpServer } from "../../src/observe/http-server.ts";
import { StatusObserver } from "../../src/observe/status-observer.ts";
import type { Status } from "../../src/observe/status.ts";
import { TypeLabels } from "../../src/observe/type-labels.ts";
import { FakeClock } from "../support/fake-clock.ts";

const setting = {
  connector: "test",
  version: "1.2.3",
  sell: "https://sell.example",
  toKafka: true,
  to: "broker:9092",
  schemaRegistry: null,
  topics: "sell.{type}",
  deadLetterTopic: "dead",
  envelope: "change",
  value: "json",
  pollIntervalMs: 30_000,
};

async function served({ port = 0 } = {}) {
  const clock = new FakeClock();
  const health = new Health({ needed: [], clock });
  const types = new TypeLabels();
  const status = new StatusObserver({ setting, health, clock, types });
  const server = await HttpServer.start({
    host: "127.0.0.1",
    port,
    status: () => status.status(),
    metrics: {
      contentType: "text/plain; version=0.0.4",
      text: () => Promise.resolve("up 1\n"),
    },
  });
  const { url } = server;
  const [host, itsPort] = new URL(url).host.split(":");
  return {
    url,
    port: Number(itsPort),
    health,
    get: (path: string, init?: RequestInit) => fetch(url + path, init),
    connect: () => connect(Number(itsPort), host),
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
    server.health.requested(ready);
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
      if (text === "") server.health.requested(ready);
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
      `the HTTP server can't listen on 127.0.0.1:${server.port}: another program does; set server.port`,
    );
  });

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
