// Requests take the proxies of the environment; no message shows a proxy's credentials.
import { createSecureContext } from "node:tls";
import { beforeAll, describe, expect, it } from "vitest";
import { Registry } from "../../src/format/schema-registry/registry.ts";
import { ClientCredentials } from "../../src/security/tokens/client-credentials.ts";
import { systemClock } from "../../src/lib/clock.ts";
import {
  DeniedFault,
  SessionLostFault,
  TypeFault,
  UnavailableFault,
} from "../../src/domain/faults.ts";
import { proxiesOf, usableFor } from "../../src/security/proxies.ts";
import { SellClient } from "../../src/sell/client.ts";
import { RateLimiter } from "../../src/sell/rate-limiter.ts";
import { serving } from "../support/http/local-server.ts";
import { Authority } from "../support/http/certificates.ts";
import { FalseBroker } from "../support/kafka/false-broker.ts";
import { startHttpProxy, type HttpProxy } from "../support/http/http-proxy.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";
import { TokenIssuer } from "../support/http/token-issuer.ts";

const { signal } = new AbortController();
const LOGIN = "us%40er:pa%2Fss";
const UNUSED = "http://127.0.0.1:1";

let authority: Authority;
beforeAll(async () => {
  authority = await Authority.named("proxies");
});

async function startTlsServer(body: string) {
  const { certificate, keyText } = await authority.sign("server", {
    names: ["127.0.0.1"],
  });
  const tls = { cert: certificate, key: keyText };
  return await serving((_, response) => response.end(body), tls);
}

function sellAt(
  baseUrl: string,
  env: Record<string, string>,
  requestTimeoutMs = 5_000,
) {
  return new SellClient({
    baseUrl,
    accessToken: "t0ken".repeat(13),
    deviceUuid: "device-1",
    requestTimeoutMs,
    userAgent: "sell-kafka/test",
    limiter: new RateLimiter(1_000, systemClock),
    clock: systemClock,
    onRequest: () => undefined,
    proxies: proxiesOf(env),
  });
}

const errorOf = (task: Promise<unknown>) =>
  task.then(
    () => null,
    (error: unknown) => error as Error,
  );

/** What a client of an empty Sell at this address is told. */
async function asked(baseUrl: string, env: Record<string, string>) {
  await using client = sellAt(baseUrl, env);
  return await errorOf(client.open(signal));
}

const emptySell = () =>
  serving((_, response) => void response.writeHead(204).end());

describe("the proxy of an environment", () => {
  it.each(["HTTP_PROXY", "http_proxy"])("%s is used for Sell", async (name) => {
    await using proxy = await startHttpProxy();
    await using sell = await emptySell();
    expect(await asked(sell.url, { [name]: proxy.address })).toBeNull();
    expect(proxy.seen).toEqual([`POST ${sell.url}/v2/sync/start`]);
  });

  it("may leave out http://, and the lower-case name counts first", async () => {
    await using proxy = await startHttpProxy();
    await using sell = await emptySell();
    const http_proxy = proxy.address.replace("http://", "");
    const env = { http_proxy, HTTP_PROXY: UNUSED };
    expect(await asked(sell.url, env)).toBeNull();
    expect(proxy.seen).toHaveLength(1);
  });

  it.each([
    ["NO_PROXY", "127.0.0.1"],
    ["no_proxy", "example.com, 127.0.0.1"],
    ["NO_PROXY", "*"],
  ])("is not used where %s is %s", async (name, value) => {
    await using sell = await emptySell();
    const env = { HTTP_PROXY: UNUSED, [name]: value };
    expect(await asked(sell.url, env)).toBeNull();
  });

  it("that is another machine is not told what this one says to itself", () => {
    const proxies = proxiesOf({ HTTP_PROXY: "http://proxy.example:3128" });
    expect(usableFor("http://127.0.0.1:8081", proxies).http).toBe("");
    expect(usableFor("http://registry.example", proxies).http).toBe(
      "http://proxy.example:3128",
    );
  });

  it("sees nothing of TLS, and the server's certificate is still verified", async () => {
    await using proxy = await startHttpProxy();
    await using server = await startTlsServer('["a"]');
    const env = { HTTPS_PROXY: proxy.address };
    const url = `https://${server.host}`;
    const ssl = {
      secureContext: createSecureContext({ ca: authority.certificate }),
      rejectUnauthorized: true,
    } as const;
    const proxies = proxiesOf(env);
    const registry = new Registry({ url, ssl, proxies });
    expect(await registry.subjects(signal)).toEqual(["a"]);
    expect(proxy.seen).toEqual([`CONNECT ${server.host}`]);
    const error = await errorOf(
      new Registry({ url, proxies }).subjects(signal),
    );
    expect(error).toBeInstanceOf(TypeFault);
    expect(error?.message).toContain("not trusted");
    const untrusted = await asked(url, env);
    expect(untrusted).toBeInstanceOf(DeniedFault);
    expect(untrusted?.message).toContain("through the proxy");
  });

  it("serves the token endpoint and the registry's own client", async () => {
    await using proxy = await startHttpProxy({ login: LOGIN });
    const client = { id: "a", secret: "b" };
    await using issuer = await TokenIssuer.start(client);
    const proxies = proxiesOf({ HTTP_PROXY: proxy.address });
    const credentials = new ClientCredentials(
      {
        tokenEndpoint: issuer.url,
        clientId: client.id,
        clientSecret: client.secret,
        proxies,
      },
      "kafka.sasl",
      new FakeClock(),
    );
    expect(await credentials.token()).toBe(issuer.issued[0]);
    await using server = await serving((request, response) => {
      const isConfig = request.url?.startsWith("/config") ?? false;
      response.writeHead(isConfig ? 404 : 200).end('{"id":7}');
    });
    const registry = new Registry({ url: server.url, proxies });
    const schema = '{"type":"record","name":"a","fields":[]}';
    expect(
      await registry.register("s", { kind: "AVRO", text: schema }, signal),
    ).toBe(7);
    expect(proxy.seen).toEqual([
      `POST ${issuer.url}`,
      `GET ${server.url}/config/s`,
      `GET ${server.url}/config/s`,
      `POST ${server.url}/subjects/s/versions`,
    ]);
  });
});

describe("a proxy that refuses", () => {
  const told = async (proxy: HttpProxy, scheme: "http" | "https") => {
    const variable = `${scheme}_proxy`;
    const error = await asked(`${scheme}://127.0.0.1:9`, {
      [variable]: proxy.address.replace("//", "//us%40er:wr%2Fong@"),
    });
    expect(error?.message).not.toMatch(/wr%2Fong|wr\/ong/);
    return error;
  };
  const hostOf = ({ address }: HttpProxy) => address.replace(/.*[/@]/, "");

  it.each(["http", "https"] as const)(
    "the login is told with its host, for %s",
    async (scheme) => {
      await using proxy = await startHttpProxy({ status: 407 });
      const error = await told(proxy, scheme);
      expect(error).toBeInstanceOf(DeniedFault);
      expect(error?.message).toContain(`proxy ${hostOf(proxy)} answers 407`);
      expect(error?.message).toContain("refuses this login; check user and");
      const env = { [`${scheme}_proxy`]: proxy.address };
      const without = await asked(`${scheme}://127.0.0.1:9`, env);
      expect(without?.message).toContain("wants a login; put user and");
    },
  );

  it("the server is told, with what to do", async () => {
    await using proxy = await startHttpProxy({ status: 403 });
    const error = await told(proxy, "https");
    expect(error).toBeInstanceOf(DeniedFault);
    expect(error?.message).toContain(`proxy ${hostOf(proxy)} answers 403`);
    expect(error?.message).toContain("NO_PROXY");
  });

  it.each([502, 503])("with %i may do so for a while", async (status) => {
    await using proxy = await startHttpProxy({ status });
    const error = await told(proxy, "https");
    expect(error).toBeInstanceOf(UnavailableFault);
    expect(error?.message).toContain(`proxy ${hostOf(proxy)}`);
  });

  it("is named where it is away, and where the answer may be its own", async () => {
    const away = await asked("https://127.0.0.1:9", { HTTPS_PROXY: UNUSED });
    expect(away).toBeInstanceOf(UnavailableFault);
    expect(away?.message).toContain("through the proxy 127.0.0.1:1");
    await using proxy = await startHttpProxy({ status: 404 });
    await using client = sellAt("http://127.0.0.1:9", {
      HTTP_PROXY: proxy.address,
    });
    const error = await errorOf(client.session({ id: "s" }).fetch(signal));
    expect(error).toBeInstanceOf(SessionLostFault);
    expect(error?.message).toContain(hostOf(proxy));
  });
});

describe("a proxy that gives no connection", () => {
  const silent = () => FalseBroker.rude((socket) => void socket.resume());
  const dripping = () =>
    FalseBroker.rude((socket) => {
      socket.write("HTTP/1.1 200 Connected\r\n");
      const drip = setInterval(() => socket.write("x-drip: 1\r\n"), 20);
      socket.on("close", () => {
        clearInterval(drip);
      });
    });

  it.each([
    ["says nothing", silent],
    ["drips", dripping],
  ])("and %s is given up in time and named", async (_, start) => {
    await using proxy = await start();
    const env = { HTTPS_PROXY: `http://${proxy.address}` };
    await using client = sellAt("https://127.0.0.1:9", env, 300);
    const startMs = performance.now();
    const error = await errorOf(client.open(signal));
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(error).toBeInstanceOf(UnavailableFault);
    expect(error?.message).toContain("https://127.0.0.1:9/v2/sync/start");
    expect(error?.message).toContain(proxy.address);
  });

  it("does not outlive whoever asked", async () => {
    await using proxy = await silent();
    const env = { HTTPS_PROXY: `http://${proxy.address}` };
    const url = "https://127.0.0.1:9";
    const stopping = AbortSignal.timeout(100);
    const startMs = performance.now();
    await using client = sellAt(url, env, 60_000);
    expect(await errorOf(client.open(stopping))).toBe(stopping.reason);
    const registry = new Registry({ url, proxies: proxiesOf(env) });
    expect(await errorOf(registry.subjects(stopping))).toBe(stopping.reason);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it("lets go of the connection to it", async () => {
    const closed = Promise.withResolvers<undefined>();
    await using proxy = await FalseBroker.rude((socket) => {
      socket.resume();
      socket.on("close", () => {
        closed.resolve(undefined);
      });
    });
    const env = { HTTPS_PROXY: `http://${proxy.address}` };
    await using client = sellAt("https://127.0.0.1:9", env, 300);
    await errorOf(client.open(signal));
    await closed.promise;
  });
});
