// Tokens of an OAuth endpoint are shared, renewed in time and never shown; nonsense is a fault.
// Id and secret go where the endpoint wants them.
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import {
  ClientCredentials,
  type ClientCredentialsOptions,
} from "../../../src/security/tokens/client-credentials.ts";
import { brokerFailuresOf } from "../../../src/kafka/client/broker-failures.ts";
import {
  loadClusterId,
  createKafka,
} from "../../../src/kafka/client/connection.ts";
import { DeniedFault, UnavailableFault } from "../../../src/domain/faults.ts";
import { endlessly, serving } from "../../support/http/local-server.ts";
import {
  api,
  array,
  FalseBroker,
  frame,
  int16,
  text,
} from "../../support/kafka/false-broker.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";
import { TokenIssuer } from "../../support/http/token-issuer.ts";

const client = { id: "a client", secret: "5ecret/of+the:client" };

function credentialsAt(
  tokenEndpoint: string,
  clock = new FakeClock(),
  clientSecret = client.secret,
): ClientCredentials {
  return new ClientCredentials(
    { tokenEndpoint, clientId: client.id, clientSecret, scope: "one two" },
    "kafka.sasl",
    clock,
  );
}

describe("client credentials", () => {
  it("are sent once for calls that come together", async () => {
    await using issuer = await TokenIssuer.start(client);
    const credentials = credentialsAt(issuer.url);
    const tokens = await Promise.all(
      Array.from({ length: 5 }, () => credentials.token()),
    );
    expect(new Set(tokens)).toEqual(new Set(issuer.issued));
    expect(issuer.asked.map((form) => Object.fromEntries(form))).toEqual([
      { grant_type: "client_credentials", scope: "one two" },
    ]);
  });

  it.each([
    [300, 270_000],
    [40, 20_000],
  ])("are sent again shortly before %i s are over", async (lifetime, dueMs) => {
    await using issuer = await TokenIssuer.start(client);
    issuer.lifetime = lifetime;
    const clock = new FakeClock();
    const credentials = credentialsAt(issuer.url, clock);
    const first = await credentials.token();
    await clock.advance(dueMs - 1);
    expect(await credentials.token()).toBe(first);
    await clock.advance(1);
    expect(await credentials.token()).not.toBe(first);
  });

  it("are sent again when the token ran out while the machine was suspended, and not because the wall clock leaps", async () => {
    await using issuer = await TokenIssuer.start(client);
    const clock = new FakeClock();
    const credentials = credentialsAt(issuer.url, clock);
    const first = await credentials.token();
    for (const days of [1, -2]) {
      clock.leapWallClock(days * 86_400_000);
      expect(await credentials.token()).toBe(first);
    }
    clock.suspend(86_400_000);
    expect(await credentials.token()).not.toBe(first);
  });

  it("are sent again when the brokers refuse the token", async () => {
    await using issuer = await TokenIssuer.start(client);
    const credentials = credentialsAt(issuer.url);
    const first = await credentials.token();
    credentials.forget();
    expect(await credentials.token()).not.toBe(first);
    expect(credentials.secrets).toContain(issuer.issued[1]);
  });

  it("that are wrong are told without the secret", async () => {
    await using issuer = await TokenIssuer.start(client);
    const wrong = credentialsAt(issuer.url, new FakeClock(), "5ecret-wrong");
    const error = await wrong.token().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DeniedFault);
    const { message } = error as Error;
    expect(message).toContain(`${issuer.url} answers 401 invalid_client`);
    expect(message).toContain("check kafka.sasl.clientId");
    expect(message).toContain("Basic [redacted]");
    expect(message).not.toContain("5ecret");
  });

  it("wait for an endpoint that is away", async () => {
    await expect(
      credentialsAt("http://127.0.0.1:1/token").token(),
    ).rejects.toThrow(UnavailableFault);
  });

  it("that fail once are tried again", async () => {
    await using issuer = await TokenIssuer.start(client);
    const credentials = credentialsAt(issuer.url);
    issuer.isDown = true;
    await expect(credentials.token()).rejects.toThrow("answers 503");
    issuer.isDown = false;
    expect(await credentials.token()).toBe(issuer.issued[0]);
  });
});

describe("an endpoint that wants the credentials in the form", () => {
  const at = (url: string, more: Partial<ClientCredentialsOptions> = {}) =>
    new ClientCredentials(
      {
        tokenEndpoint: url,
        clientId: client.id,
        clientSecret: client.secret,
        clientAuthentication: "body",
        ...more,
      },
      "schemaRegistry.oauth",
      new FakeClock(),
    );

  it("gets them there alone, with audience and further parameters", async () => {
    await using issuer = await TokenIssuer.start(client);
    issuer.wantsBody = true;
    const credentials = at(issuer.url, {
      scope: "one two",
      audience: "https://kafka.example",
      parameters: { resource: "a b&c=d", client_assertion: "" },
    });
    expect(await credentials.token()).toBe(issuer.issued[0]);
    expect(issuer.asked.map((form) => Object.fromEntries(form))).toEqual([
      {
        grant_type: "client_credentials",
        client_id: client.id,
        client_secret: client.secret,
        scope: "one two",
        audience: "https://kafka.example",
        resource: "a b&c=d",
        client_assertion: "",
      },
    ]);
  });

  it("refuses the header, and the message says so", async () => {
    await using issuer = await TokenIssuer.start(client);
    issuer.wantsBody = true;
    const credentials = at(issuer.url, { clientAuthentication: "header" });
    await expect(credentials.token()).rejects.toThrow(
      /answers 401 .*check schemaRegistry\.oauth\.clientId.* takes them in the header \(clientAuthentication\)/,
    );
  });

  it("repeats no secret and no parameter in a message", async () => {
    await using echo = await serving((_, response, body) => {
      const error_description = `${body.toString()} ${[...new URLSearchParams(body.toString())].join(" ")}`;
      response.writeHead(400).end(JSON.stringify({ error_description }));
    });
    const parameters = { password: "hunter2", flag: "on" };
    const credentials = at(echo.url, { parameters });
    const error = await credentials.token().catch((e: unknown) => e);
    const { message } = error as Error;
    expect(message).toContain("answers 400");
    expect(message).toContain("flag=on");
    expect(message).not.toContain("hunter2");
    expect(message).not.toContain("5ecret");
  });
});

describe("a token endpoint that answers nonsense", () => {
  const answered = async (
    answer: object | ((response: ServerResponse) => unknown),
    clock = new FakeClock(),
  ) => {
    let asked = 0;
    const server = await serving((_, response) => {
      asked++;
      if (answer instanceof Function) answer(response);
      else response.end(JSON.stringify(answer));
    });
    const credentials = credentialsAt(server.url, clock);
    return {
      credentials,
      clock,
      asked: () => asked,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  };

  it.each([
    "a b",
    "a\nb",
    "a\u0000",
    "a\u0001auth=Bearer b\u0001\u0001",
    "ü",
    "\ud800",
    "x".repeat(65_537),
    7,
    {},
    "",
  ])("%# is no token", async (access_token) => {
    await using endpoint = await answered({ access_token, expires_in: 300 });
    await expect(endpoint.credentials.token()).rejects.toBeInstanceOf(
      DeniedFault,
    );
  });

  it.each(["mac", 7, {}, null])(
    "%j is no type of token",
    async (token_type) => {
      await using endpoint = await answered({ access_token: "a", token_type });
      await expect(endpoint.credentials.token()).rejects.toThrow("token_type");
    },
  );

  it.each([-1, "-1e300", "soon", {}, null, true, "NaN", 0])(
    "a token that lasts %j serves once",
    async (expires_in) => {
      await using endpoint = await answered({ access_token: "a", expires_in });
      expect(await endpoint.credentials.token()).toBe("a");
      expect(await endpoint.credentials.token()).toBe("a");
      expect(endpoint.asked()).toBe(2);
    },
  );

  it.each([1e300, "Infinity", 1e12])(
    "a token that lasts %j is asked for again within a day",
    async (expires_in) => {
      await using endpoint = await answered({
        access_token: "a",
        token_type: "bearer",
        expires_in,
      });
      await endpoint.credentials.token();
      await endpoint.clock.advance(86_000_000);
      await endpoint.credentials.token();
      expect(endpoint.asked()).toBe(1);
      await endpoint.clock.advance(400_000);
      await endpoint.credentials.token();
      expect(endpoint.asked()).toBe(2);
    },
  );

  it.each([
    ["", DeniedFault],
    ["<html>", DeniedFault],
    ["null", DeniedFault],
    ["[]", DeniedFault],
    ['"token"', DeniedFault],
  ])("%j holds no token", async (body, kind) => {
    await using endpoint = await answered((response) => response.end(body));
    await expect(endpoint.credentials.token()).rejects.toBeInstanceOf(kind);
  });

  it.each([
    [400, DeniedFault],
    [403, DeniedFault],
    [404, DeniedFault],
    [302, DeniedFault],
    [408, UnavailableFault],
    [429, UnavailableFault],
    [500, UnavailableFault],
    [503, UnavailableFault],
  ])("%i is a fault", async (status, kind) => {
    await using endpoint = await answered((response) =>
      response.writeHead(status, { location: "/other" }).end("<html>"),
    );
    await expect(endpoint.credentials.token()).rejects.toBeInstanceOf(kind);
    expect(endpoint.asked()).toBe(1);
  });

  it("is cut off when it does not end", async () => {
    await using endpoint = await answered((response) => {
      endlessly(response, '{"access_token":"');
    });
    await expect(endpoint.credentials.token()).rejects.toThrow("100000 bytes");
  });
});

describe("a token endpoint that is silent", () => {
  const silent = () => FalseBroker.rude((socket) => void socket.resume());
  const broker = () =>
    FalseBroker.start(({ apiKey, correlationId, healthy }) => {
      const mechanisms = [int16(0), array(text("OAUTHBEARER"))];
      return apiKey === api.saslHandshake
        ? frame(correlationId, Buffer.concat(mechanisms))
        : healthy();
    });

  it.each([
    ["over http", "http", false],
    ["in TLS", "https", false],
    ["behind a silent proxy", "https", true],
  ])("%s is named as what keeps from Kafka", async (_, scheme, isProxied) => {
    await using seed = await broker();
    await using endpoint = await silent();
    const tokenEndpoint = isProxied
      ? "https://127.0.0.1:9/token"
      : `${scheme}://${endpoint.address}/token`;
    const proxy = isProxied ? `http://${endpoint.address}` : "";
    const kafka = createKafka({
      brokers: [seed.address],
      clientId: "test",
      debug: () => undefined,
      sasl: {
        mechanism: "oauthbearer",
        tokenEndpoint,
        clientId: client.id,
        clientSecret: client.secret,
        proxies: { http: "", https: proxy, none: "" },
        timeoutMs: 300,
      },
    });
    const asking = loadClusterId(kafka, new AbortController().signal);
    const error = (await asking.catch((e: unknown) => e)) as Error;
    expect(error).toBeInstanceOf(UnavailableFault);
    expect(error.message).toContain(`the token endpoint ${tokenEndpoint}`);
    expect(error.message).toContain("no answer within 0.3 s");
    expect(error.message).toContain(
      isProxied ? `through the proxy ${endpoint.address}` : "",
    );
    expect(brokerFailuresOf(kafka).newest).toMatchObject({
      message: expect.stringContaining(tokenEndpoint) as string,
    });
  });
});
