// A registry is reached with a bearer token and further headers; a token that it refuses is replaced
// once, and no message shows what was sent.
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { TypeFault, UnavailableFault } from "../../../src/domain/faults.ts";
import { Registry } from "../../../src/format/schema-registry/registry.ts";
import { serving } from "../../support/http/local-server.ts";
import { TokenIssuer } from "../../support/http/token-issuer.ts";

const { signal } = new AbortController();
const SCHEMA = '{"type":"record","name":"a","fields":[]}';
const client = { id: "registry-client", secret: "5ecret/of+the:client" };
const headers = {
  "target-sr-cluster": "lsrc-4711",
  "Confluent-Identity-Pool-Id": "pool-0815",
};

type Answer = (headers: IncomingHttpHeaders, response: ServerResponse) => void;

/** A registry that answers as it is told, and what logs in there. */
async function registryWith(answer: Answer) {
  const issuer = await TokenIssuer.start(client);
  const asked: IncomingHttpHeaders[] = [];
  const server = await serving((request, response) => {
    asked.push(request.headers);
    answer(request.headers, response);
  });
  const registry = new Registry({
    url: server.url,
    oauth: {
      tokenEndpoint: issuer.url,
      clientId: client.id,
      clientSecret: client.secret,
      headers,
    },
  });
  return {
    registry,
    issuer,
    asked,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

const bearing = ({ authorization = "" }: IncomingHttpHeaders) =>
  authorization.replace(/^Bearer /, "");

async function faultOf(task: Promise<unknown>): Promise<Error> {
  return task.then(
    () => new Error("it was answered"),
    (error: unknown) => error as Error,
  );
}

describe("a bearer token for the registry", () => {
  it("comes with every request, the client's own ones too, beside the further headers", async () => {
    await using peer = await registryWith((_, response) => {
      const compatibilityLevel = "BACKWARD";
      response.end(JSON.stringify({ compatibilityLevel, id: 7 }));
    });
    const schema = { kind: "AVRO", text: SCHEMA } as const;
    expect(await peer.registry.register("s", schema, signal)).toBe(7);
    await peer.registry.ask("/subjects", null, signal);
    expect(peer.asked.length).toBeGreaterThan(2);
    for (const sent of peer.asked)
      expect(sent).toMatchObject({
        authorization: `Bearer ${peer.issuer.issued[0] ?? ""}`,
        "target-sr-cluster": "lsrc-4711",
        "confluent-identity-pool-id": "pool-0815",
        accept: "application/json",
      });
    expect(peer.issuer.issued).toHaveLength(1);
  });

  it("is replaced once when the registry refuses it", async () => {
    await using peer = await registryWith((sent, response) => {
      if (bearing(sent) === peer.issuer.issued[0])
        response.writeHead(401).end();
      else response.end("[]");
    });
    expect(await peer.registry.subjects(signal)).toEqual([]);
    expect(peer.issuer.issued).toHaveLength(2);
  });

  it("that is refused for good defers the type, with what to check", async () => {
    await using peer = await registryWith((sent, response) => {
      const message = `nobody has ${bearing(sent)}, not in ${String(sent["confluent-identity-pool-id"])}`;
      response.writeHead(401).end(JSON.stringify({ message }));
    });
    const fault = await faultOf(peer.registry.latest("s", signal));
    expect(fault).toBeInstanceOf(TypeFault);
    expect(fault).toMatchObject({ why: { code: "registry-denied" } });
    expect(fault.message).toContain("check schemaRegistry.oauth");
    expect(peer.asked).toHaveLength(2);
  });

  it("is not shown, nor are the headers, when the registry repeats them", async () => {
    await using peer = await registryWith((sent, response) => {
      const message = `no ${bearing(sent)} in ${String(sent["confluent-identity-pool-id"])}`;
      response.writeHead(422).end(JSON.stringify({ message }));
    });
    const { message } = await faultOf(peer.registry.latest("s", signal));
    expect(message).toContain("no [redacted] in [redacted]");
  });

  it("that nobody issues is told as the fault of the token endpoint", async () => {
    await using peer = await registryWith((_, response) => response.end("[]"));
    peer.issuer.isDown = true;
    const away = await faultOf(peer.registry.subjects(signal));
    expect(away).toBeInstanceOf(UnavailableFault);
    expect(away.message).toContain("the token endpoint");
    peer.issuer.isDown = false;
    peer.issuer.wantsBody = true;
    const schema = { kind: "AVRO", text: SCHEMA } as const;
    for (const asking of [
      peer.registry.subjects(signal),
      peer.registry.ask("/subjects", null, signal),
      peer.registry.register("s", schema, signal),
    ]) {
      const denied = await faultOf(asking);
      expect(denied).toBeInstanceOf(TypeFault);
      expect(denied.message).toMatch(/no token .* answers 401 invalid_client/);
      expect(denied.message).toContain("schemaRegistry.oauth.clientId");
      expect(denied.message).not.toContain("5ecret");
    }
    expect(peer.asked).toHaveLength(0);
  });
});
