// Probes are answered in time, whatever a crowd of clients does.
import { once } from "node:events";
import { get } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { HttpServer } from "../../../src/observe/http/http-server.ts";

/** Kubernetes waits a second for a probe; a machine that runs other tests at the same time gets longer. */
const PROBE_WITHIN_MS = 5_000;

async function served(metrics = "x".repeat(100_000)) {
  const server = await HttpServer.start({
    host: "127.0.0.1",
    port: 0,
    status: () => ({ ready: true, troubles: [] }),
    metrics: {
      contentType: "text/plain",
      text: () => Promise.resolve(metrics),
    },
  });
  const port = Number(new URL(server.url).port);
  const sockets: Socket[] = [];
  return {
    /** Connects and sends, and never reads what comes. */
    crowd: async (clients: number, text = "") => {
      // In parts: what is not accepted yet must fit into the kernel's queue.
      for (let left = clients; left > 0; left -= 100) {
        const part = Array.from({ length: Math.min(left, 100) }, async () => {
          const socket = connect(port, "127.0.0.1").on(
            "error",
            () => undefined,
          );
          sockets.push(socket);
          await once(socket, "connect");
          if (text !== "") socket.write(text);
        });
        await Promise.all(part);
      }
    },
    /** The status of an answer on a connection of its own. */
    probe: async (path: string) => {
      const request = get(`${server.url}${path}`, {
        agent: false,
        signal: AbortSignal.timeout(PROBE_WITHIN_MS),
      });
      const [response] = (await once(request, "response")) as [
        NodeJS.ReadableStream & { readonly statusCode: number },
      ];
      response.resume();
      await once(response, "end");
      return response.statusCode;
    },
    sockets,
    open: () => sockets.filter((one) => !one.closed && !one.readableEnded),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

const request = (path: string, head = "") =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${head}\r\n`;

describe("a probe is answered", () => {
  it.each([
    ["say nothing", 5_000, ""],
    ["send their headers slowly", 1_500, "GET /livez HTTP/1.1\r\nhost: loc"],
    [
      "send half a request",
      1_500,
      "POST /livez HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nx",
    ],
    ["keep their connections", 1_500, request("/livez")],
    ["read no answer", 500, request("/metrics")],
    ["ask without waiting for answers", 100, request("/metrics").repeat(100)],
    ["watch events", 1_000, request("/events")],
  ])("while clients %s", async (_, clients, text) => {
    await using server = await served();
    const state = { isOver: false };
    const crowd = server.crowd(clients, text).finally(() => {
      state.isOver = true;
    });
    let probes = 0;
    do {
      for (const path of ["livez", "readyz"])
        expect(await server.probe(path)).toBe(200);
      probes++;
    } while (!state.isOver || probes < 5);
    await crowd;
  });
});

describe("the HTTP server", () => {
  it("holds no more than a bounded part of what nobody reads", async () => {
    await using server = await served("x".repeat(8_000_000));
    const beforeBytes = process.memoryUsage().rss;
    await server.crowd(60, request("/metrics"));
    await expect
      .poll(() => server.probe("livez"), { timeout: 5_000 })
      .toBe(200);
    expect(process.memoryUsage().rss - beforeBytes).toBeLessThan(250_000_000);
  });

  it("closes connections without a request soon", async () => {
    await using server = await served();
    await server.crowd(1);
    await server.crowd(1, "GET /livez HTTP/1.1\r\nhost: loc");
    for (const socket of server.open()) socket.resume();
    await expect.poll(() => server.open().length, { timeout: 9_000 }).toBe(0);
  }, 10_000);

  it("closes those that are without a request for the longest to make room", async () => {
    await using server = await served();
    await server.crowd(1_000);
    for (const socket of server.open()) socket.resume();
    await expect.poll(() => server.open().length).toBeLessThanOrEqual(600);
    const isOpen = server.sockets.map((one) => server.open().includes(one));
    expect(isOpen.indexOf(true)).toBe(isOpen.lastIndexOf(false) + 1);
  });
});
