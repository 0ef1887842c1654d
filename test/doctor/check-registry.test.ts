// `check` names what the schema registry lacks or refuses, with its remedy, and changes nothing in it.
import type { IncomingMessage, ServerResponse } from "node:http";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { AppContext } from "../../src/app/context/app-context.ts";
import { checkRegistry } from "../../src/doctor/check-registry.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { TOKEN } from "../support/process/connector.ts";
import { LocalServer } from "../support/http/local-server.ts";

const logger = pino({ level: "silent" });

type Reply = readonly [status: number, body: string];

/** A registry by a table of answers; what is not in it is not found. */
class TableRegistry extends LocalServer {
  readonly requests: string[] = [];
  #reply: (request: string) => Reply | undefined = () => undefined;

  static async with(
    reply: (request: string) => Reply | undefined,
  ): Promise<TableRegistry> {
    const server = new TableRegistry();
    server.#reply = reply;
    await server.listen();
    return server;
  }

  protected override serve(
    { method = "", url = "" }: IncomingMessage,
    response: ServerResponse,
  ): void {
    const request = `${method} ${url}`;
    this.requests.push(request);
    const [status, body] = this.#reply(request) ?? [
      404,
      '{"error_code":40401,"message":"not found"}',
    ];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body);
  }
}

async function findingsOf(
  url: string,
  settings: { pattern?: string; autoRegister?: boolean; value?: string } = {},
): Promise<Finding[]> {
  const { pattern = "all", autoRegister = true, value = "avro" } = settings;
  const text = JSON.stringify({
    name: "check",
    sell: { accessToken: TOKEN },
    kafka: { brokers: ["127.0.0.1:1"] },
    topics: { pattern },
    format: { value },
    schemaRegistry: { url, autoRegister, username: "user", password: "pass" },
  });
  const config = await parseConfig(text, "c.json", {});
  const findings: Finding[] = [];
  await using app = AppContext.fromConfig(config, { logger });
  await checkRegistry(
    app,
    (finding) => {
      findings.push(finding);
      return Promise.resolve();
    },
    new AbortController().signal,
  );
  return findings;
}

describe("the registry's address", () => {
  it.each<[string, Reply]>([
    ["a page of the web", [200, "<!DOCTYPE html><html></html>"]],
    ["an object", [200, '{"ok":true}']],
    ["a list of something else", [200, "[{},1]"]],
    ["nothing", [200, ""]],
    ["not found", [404, "<html>404</html>"]],
    ["a redirect", [302, ""]],
  ])("is wrong when it answers %s", async (_, reply) => {
    await using server = await TableRegistry.with(() => reply);
    const findings = await findingsOf(server.url);
    expect(findings).toMatchObject([{ status: "failed" }]);
    expect(findings[0]?.message).toContain("this is no schema registry");
    expect(findings[0]?.message).toContain(`answered ${reply[0]}`);
  });

  it.each<[string, Reply]>([
    ["a list", [200, "[]"]],
    ["another object", [200, '{"ok":true}']],
    ["a page", [200, "<html></html>"]],
  ])("is wrong when its settings are %s", async (_, reply) => {
    await using server = await TableRegistry.with((request) =>
      request === "GET /config" ? reply : [200, "[]"],
    );
    const findings = await findingsOf(server.url);
    expect(findings).toMatchObject([{ status: "failed" }]);
    expect(findings[0]?.message).toContain("GET /config is answered 200");
  });

  it.each<Reply>([
    [200, '{"compatibilityLevel":"BACKWARD"}'],
    [403, "no"],
    [404, "no"],
  ])("may be right when its settings are answered %i %s", async (...reply) => {
    await using server = await TableRegistry.with((request) =>
      request === "GET /config" ? reply : answers(none)(request),
    );
    expect((await findingsOf(server.url))[0]).toMatchObject({ status: "ok" });
  });

  it.each([401, 403])("may need another user (%i)", async (status) => {
    await using server = await TableRegistry.with(() => [status, "no"]);
    const [finding] = await findingsOf(server.url);
    expect(finding).toMatchObject({ status: "failed" });
    expect(finding?.message).toContain("schemaRegistry.username");
  });

  it("is all that is looked at when values are JSON", async () => {
    await using server = await TableRegistry.with(() => [200, "[]"]);
    const findings = await findingsOf(server.url, { value: "json" });
    expect(findings).toMatchObject([{ status: "ok" }]);
    expect(server.requests).toEqual(["GET /subjects"]);
  });
});

/** A registry that knows the only subject that is wanted. */
const answers =
  (table: Readonly<Record<string, Reply>>) =>
  (request: string): Reply | undefined =>
    table[request];
const known = { "GET /subjects": [200, '["all-value"]'] } as const;
const none = { "GET /subjects": [200, "[]"] } as const;
const LOOK_UP = "POST /subjects/all-value";
const COMPARE = "POST /compatibility/subjects/all-value/versions/latest";

describe("schemas that are registered by the way", () => {
  it.each<[string, Record<string, Reply>, Finding["status"], string]>([
    ["there", { ...known, [LOOK_UP]: [200, '{"id":1}'] }, "ok", "1 of 1"],
    ["missing", none, "ok", "untried"],
    [
      "another version",
      { ...known, [COMPARE]: [200, '{"is_compatible":true}'] },
      "ok",
      "0 of 1 are registered",
    ],
    [
      "incompatible",
      { ...known, [COMPARE]: [200, '{"is_compatible":false}'] },
      "failed",
      "incompatible (all-value)",
    ],
    [
      "another version that is not compared",
      { ...known, [COMPARE]: [422, '{"error_code":42201}'] },
      "warning",
      "untried (all-value)",
    ],
    [
      "another version that is compared by nobody",
      { ...known, [COMPARE]: [200, "[]"] },
      "warning",
      "untried (all-value)",
    ],
    [
      "looked up in vain",
      { ...known, [LOOK_UP]: [200, "[]"] },
      "ok",
      "0 of 1 are registered",
    ],
    [
      "missing in a registry that is read-only",
      { ...none, "GET /mode": [200, '{"mode":"READONLY"}'] },
      "failed",
      "mode is READONLY",
    ],
    [
      "missing in a registry that imports",
      { ...none, "GET /mode": [200, '{"mode":"IMPORT"}'] },
      "failed",
      "mode is IMPORT",
    ],
    [
      "there, in a registry that is read-only",
      {
        ...known,
        [LOOK_UP]: [200, '{"id":1}'],
        "GET /mode": [200, '{"mode":"READONLY"}'],
      },
      "warning",
      "mode is READONLY",
    ],
    [
      "there, in a registry that tells no mode",
      { ...known, [LOOK_UP]: [200, '{"id":1}'], "GET /mode": [403, "no"] },
      "ok",
      "1 of 1",
    ],
    [
      "there, in a registry whose mode is an object",
      { ...known, [LOOK_UP]: [200, "{}"], "GET /mode": [200, '{"mode":{}}'] },
      "ok",
      "1 of 1",
    ],
  ])("are %s", async (_, table, status, words) => {
    await using server = await TableRegistry.with(answers(table));
    const findings = (await findingsOf(server.url)).slice(1);
    expect(findings[0]).toMatchObject({ what: "schemas", status });
    expect(findings[0]?.message).toContain(words);
    expect(server.requests).not.toContain("POST /subjects/all-value/versions");
  });

  it("are told in one line for all types", async () => {
    await using server = await TableRegistry.with(answers(none));
    const findings = await findingsOf(server.url, { pattern: "sell.{type}" });
    expect(findings.slice(1)).toHaveLength(1);
  });
});

describe("schemas that somebody else registers", () => {
  const LATEST = "GET /subjects/all-value/versions/latest";

  it.each<[string, Record<string, Reply>, Finding["status"]]>([
    ["there", { ...known, [LATEST]: [200, '{"id":1,"schema":"{}"}'] }, "ok"],
    ["missing", none, "failed"],
  ])("are %s", async (_, table, status) => {
    await using server = await TableRegistry.with(answers(table));
    const findings = await findingsOf(server.url, { autoRegister: false });
    expect(findings[1]).toMatchObject({ what: "schemas", status });
  });

  it("are told as an answer that can't be used when it is of a wrong shape", async () => {
    const table = answers({ ...known, [LATEST]: [200, '{"id":"1"}'] });
    await using server = await TableRegistry.with(table);
    const findings = await findingsOf(server.url, { autoRegister: false });
    expect(findings[1]).toMatchObject({ status: "failed" });
    expect(findings[1]?.message).toContain("an answer for all-value");
  });

  it("are a warning when those of some types are missing", async () => {
    await using server = await TableRegistry.with((request) =>
      request === "GET /subjects"
        ? [200, '["sell.contact-value"]']
        : [200, '{"id":1,"schema":"{}","compatibilityLevel":"NONE"}'],
    );
    const settings = { pattern: "sell.{type}", autoRegister: false };
    const findings = await findingsOf(server.url, settings);
    expect(findings).toHaveLength(2);
    expect(findings[1]).toMatchObject({ status: "warning" });
    expect(findings[1]?.message).not.toContain("sell.contact-value");
  });
});
