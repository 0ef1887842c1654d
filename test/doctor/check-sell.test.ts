// `check` tells whether Sell is reached and takes the token, without starting a session.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { AppContext } from "../../src/app/context/app-context.ts";
import { checkSell } from "../../src/doctor/check-sell.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { Simulator } from "../../src/simulator/server.ts";
import { TOKEN } from "../support/process/connector.ts";
import { LocalServer } from "../support/http/local-server.ts";

const logger = pino({ level: "silent" });

interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly type?: string;
}

/** Answers everything the same, or by the token. */
class AnsweringServer extends LocalServer {
  readonly requests: string[] = [];
  #reply: (token: string) => Reply = () => ({ status: 204 });

  static async with(reply: (token: string) => Reply): Promise<AnsweringServer> {
    const server = new AnsweringServer();
    server.#reply = reply;
    await server.listen();
    return server;
  }

  protected override serve(
    { method = "", url = "", headers }: IncomingMessage,
    response: ServerResponse,
  ): void {
    this.requests.push(`${method} ${url}`);
    const token = headers.authorization?.replace("Bearer ", "") ?? "";
    const { status, body = "", type = "application/json" } = this.#reply(token);
    response.writeHead(status, body === "" ? {} : { "content-type": type });
    response.end(body);
  }
}

async function found(baseUrl: string): Promise<Finding | undefined> {
  const text = JSON.stringify({
    name: `check-${randomUUID()}`,
    sell: { baseUrl, accessToken: TOKEN },
    kafka: { brokers: ["127.0.0.1:1"] },
  });
  const config = await parseConfig(text, "c.json", {});
  const findings: Finding[] = [];
  await using app = AppContext.fromConfig(config, { logger });
  await checkSell(
    app,
    (finding) => {
      findings.push(finding);
      return Promise.resolve();
    },
    new AbortController().signal,
  );
  expect(findings).toHaveLength(1);
  return findings[0];
}

const envelope = (code: string) =>
  JSON.stringify({
    errors: [{ error: { code, message: code }, meta: { type: "error" } }],
    meta: { type: "errors", http_status: "-" },
  });
const html = "<!DOCTYPE html><html><body>Welcome</body></html>";

describe("Sell is reached", () => {
  it("by the simulator's answer", async () => {
    await using simulator = await Simulator.start({ records: 1 });
    expect(await found(simulator.url)).toMatchObject({ status: "ok" });
  });

  it.each<[string, Reply]>([
    ["refuses the session", { status: 404, body: envelope("not_found") }],
    ["finds it malformed", { status: 422, body: envelope("invalid_param") }],
    [
      "answers a page",
      { status: 200, body: '{"items":[],"meta":{"type":"collection"}}' },
    ],
  ])("when it %s", async (_, reply) => {
    await using server = await AnsweringServer.with(() => reply);
    expect(await found(server.url)).toMatchObject({ status: "ok" });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatch(/^GET .*\/queues\/main$/);
  });

  it.each([204, 404])(
    "by its word on a wrong token, when it says nothing of the session (%i)",
    async (status) => {
      await using server = await AnsweringServer.with((token) =>
        token === TOKEN
          ? { status }
          : { status: 401, body: envelope("unauthorized") },
      );
      expect(await found(server.url)).toMatchObject({ status: "ok" });
      expect(server.requests.every((one) => one.startsWith("GET "))).toBe(true);
    },
  );
});

describe("Sell is not reached", () => {
  it.each<[string, Reply, string]>([
    ["a page of the web", { status: 200, body: html }, "200 with an HTML page"],
    ["its 404", { status: 404, body: html }, "404 with an HTML page"],
    ["a 404 without a body", { status: 404 }, "404 with an empty body"],
    ["a 204 for everybody", { status: 204 }, "204 with an empty body"],
    ["an empty 200", { status: 200 }, "200 with an empty body"],
    [
      "plain text",
      { status: 404, body: "404 page not found" },
      "404 with text",
    ],
    [
      "an empty object",
      { status: 200, body: "{}" },
      "200 with JSON of another",
    ],
    ["null", { status: 200, body: "null" }, "200 with JSON of another"],
    [
      "a list",
      { status: 200, body: '{"items":[]}' },
      "200 with JSON of another",
    ],
    [
      "an error of another kind",
      { status: 404, body: '{"error":"not found","errors":["x",null]}' },
      "404 with JSON of another",
    ],
    ["a 405", { status: 405, body: '{"message":"no"}' }, "405 with JSON"],
    ["a login of a proxy", { status: 401, body: html }, "a proxy or gateway"],
    ["a bare 401", { status: 401 }, "401 with an empty body"],
  ])("by %s", async (_, reply, words) => {
    await using server = await AnsweringServer.with(() => ({
      type: "text/html",
      ...reply,
    }));
    const finding = await found(server.url);
    expect(finding).toMatchObject({ status: "failed" });
    expect(finding?.message).toContain("this is not Sell's Sync API");
    expect(finding?.message).toContain(words);
  });

  it.each<[Reply, string]>([
    [{ status: 401, body: envelope("unauthorized") }, "sell.accessToken"],
    [{ status: 403, body: envelope("insufficient_scope") }, '"sync" scope'],
    [{ status: 400, body: envelope("invalid_header") }, "answered 400"],
    [{ status: 503 }, "answered 503"],
    [{ status: 429 }, "answered 429"],
    [{ status: 302 }, "redirect"],
  ])("when it answers %j", async (reply, words) => {
    await using server = await AnsweringServer.with(() => reply);
    const finding = await found(server.url);
    expect(finding).toMatchObject({ status: "failed" });
    expect(finding?.message).toContain(words);
  });

  it("at a path that Sell does not know", async () => {
    await using server = await AnsweringServer.with(() => ({
      status: 404,
      body: envelope("incorrect_path"),
    }));
    expect(await found(`${server.url}/sell`)).toMatchObject({
      status: "failed",
    });
  });
});
