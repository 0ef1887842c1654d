// Every answer to a request for definitions is bounded and becomes fields or a fault, and no message shows a token.
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import {
  DeniedFault,
  ThrottledFault,
  UnavailableFault,
} from "../../../src/domain/faults.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { DefinitionClient } from "../../../src/sell/custom-fields/definition-client.ts";
import { RateLimiter } from "../../../src/sell/rate-limiter.ts";
import { serving } from "../../support/http/local-server.ts";

const ACCESS = "s3cret".repeat(12);
const READ = "r3ader".repeat(12);
const { signal } = new AbortController();

async function served(
  answer: (response: ServerResponse, token: string) => void,
  tokens: readonly string[] = [ACCESS],
) {
  const asked: string[] = [];
  const server = await serving((request, response) => {
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    asked.push(
      `${request.method ?? ""} ${request.url ?? ""} ${token === READ ? "read" : "access"}`,
    );
    expect(request.headers).not.toHaveProperty("x-basecrm-device-uuid");
    answer(response, token);
  });
  const client = new DefinitionClient(
    tokens.map((accessToken) => ({
      baseUrl: server.url,
      accessToken,
      requestTimeoutMs: 300,
      userAgent: "sell-kafka/test",
      limiter: new RateLimiter(1_000, systemClock),
      clock: systemClock,
      onRequest: () => undefined,
    })),
  );
  return {
    asked,
    fields: () => client.fields("contact", null, signal),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const listOf = (...items: readonly unknown[]) =>
  JSON.stringify({ items: items.map((data) => ({ data })) });

describe("a request for definitions", () => {
  it("returns fields in either spelling, without those that make no sense", async () => {
    const body = listOf(
      { id: 1, name: "Tier", type: "list", choices: [{ id: 1, name: "Gold" }] },
      {
        id: "22",
        name: "VIP",
        type: "bool",
        for_company: true,
        for_contact: false,
      },
      {
        id: 3,
        name: "Size",
        type: "boolean",
        for_organisation: false,
        for_contact: true,
      },
      { id: 3, name: "Again", type: "string" },
      { id: 4, name: "Mood", type: "hologram" },
      { id: -5, name: "Negative", type: "string" },
      { id: 6.5, name: "Broken", type: "string" },
      { id: 7, type: "string" },
      { id: 8, name: "\ud800", type: "string" },
      { id: 9, name: "x".repeat(1_001), type: "string" },
      null,
      "text",
    );
    await using sell = await served((response) => response.end(body));
    const resource = null;
    expect(await sell.fields()).toEqual([
      { id: "1", name: "Tier", kind: "choice", holders: "all", resource },
      {
        id: "22",
        name: "VIP",
        kind: "boolean",
        holders: "organizations",
        resource,
      },
      { id: "3", name: "Size", kind: "boolean", holders: "people", resource },
    ]);
    expect(sell.asked).toEqual(["GET /v2/contact/custom_fields access"]);
  });

  it("returns 501 fields, and no more than 5,000", async () => {
    const many = (count: number) =>
      listOf(
        ...Array.from({ length: count }, (_, id) => ({
          id,
          name: `F ${id}`,
          type: "string",
        })),
      );
    let body = many(501);
    await using sell = await served((response) => response.end(body));
    expect(await sell.fields()).toHaveLength(501);
    body = many(6_000);
    expect(await sell.fields()).toHaveLength(5_000);
  });

  it.each<[string, number, string, new () => Error]>([
    ["is no JSON", 200, "<html>", UnavailableFault],
    ["is no list", 200, '{"items":{}}', UnavailableFault],
    ["is nested too deeply", 200, "[".repeat(10_000), UnavailableFault],
    ["is no UTF-8", 200, '{"items":["\xff"]}', UnavailableFault],
    ["refuses the token", 401, ACCESS, DeniedFault],
    ["misses the scope", 403, "", DeniedFault],
    ["throttles", 429, "", ThrottledFault],
    ["fails", 500, "oops", UnavailableFault],
    ["redirects", 302, "", DeniedFault],
    ["is empty", 204, "", UnavailableFault],
    ["knows no such path", 404, "", DeniedFault],
  ] as [string, number, string, new () => Error][])(
    "whose answer %s is a fault",
    async (_, status, body, fault) => {
      await using sell = await served((response) => {
        response.statusCode = status;
        response.end(Buffer.from(body, "latin1"));
      });
      const error = await sell.fields().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(fault);
      expect(String(error)).not.toContain(ACCESS);
    },
  );

  it("without an answer in time is a fault", async () => {
    await using sell = await served(() => undefined);
    await expect(sell.fields()).rejects.toThrow("300 ms");
  });

  it("is sent with the token that may read, first with sell.readToken", async () => {
    let allowed = READ;
    await using sell = await served(
      (response, token) => {
        response.statusCode = token === allowed ? 200 : 403;
        response.end(listOf());
      },
      [READ, ACCESS],
    );
    await sell.fields();
    allowed = ACCESS;
    await sell.fields();
    await sell.fields();
    expect(sell.asked.map((line) => line.split(" ").at(-1))).toEqual([
      ...["read", "read", "access", "access"],
    ]);
  });
});
