// Each trouble with TLS is told with its remedy.
import type { TlsOptions } from "node:tls";
import { describe, expect, it } from "vitest";
import { DeniedFault } from "../../src/domain/faults.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { tlsTroubleOf } from "../../src/security/tls-trouble.ts";
import { SellClient } from "../../src/sell/client.ts";
import { RateLimiter } from "../../src/sell/rate-limiter.ts";
import { serving } from "../support/http/local-server.ts";
import { Authority } from "../support/http/certificates.ts";

async function refusedBy(host: string): Promise<unknown> {
  await using client = new SellClient({
    baseUrl: `https://${host}`,
    accessToken: "t0ken".repeat(13),
    deviceUuid: "device-1",
    requestTimeoutMs: 5_000,
    userAgent: "sell-kafka/test",
    limiter: new RateLimiter(1_000, systemClock),
    clock: systemClock,
    onRequest: () => undefined,
  });
  const asked = client.open(new AbortController().signal);
  return await asked.catch((error: unknown) => error);
}

async function speaking(options: TlsOptions) {
  const authority = await Authority.named("tls");
  const names = ["127.0.0.1"];
  const { certificate, keyText } = await authority.sign("server", { names });
  const tls = { cert: certificate, key: keyText, ...options };
  return await serving((_, response) => response.end(), tls);
}

describe("what Sell's TLS has against this client, or this client against it", () => {
  it.each<[string, TlsOptions, RegExp]>([
    [
      "an unknown authority",
      {},
      /authority that is not trusted here .*NODE_EXTRA_CA_CERTS/,
    ],
    [
      "no cipher in common",
      { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" },
      /no cipher in common .*client certificate/,
    ],
    [
      "an old version",
      {
        minVersion: "TLSv1.1",
        maxVersion: "TLSv1.1",
        ciphers: "DEFAULT@SECLEVEL=0",
      },
      /no TLS version in common/,
    ],
  ])("%s is told with what to do", async (_, options, message) => {
    await using server = await speaking(options);
    const fault = await refusedBy(server.host);
    expect(fault).toBeInstanceOf(DeniedFault);
    expect((fault as Error).message).toMatch(message);
    expect((fault as Error).message).toContain(
      `Sell at https://${server.host} `,
    );
  });

  it("a port without TLS is told", async () => {
    await using server = await serving((_, response) => response.end());
    const fault = await refusedBy(server.host);
    expect(fault).toBeInstanceOf(DeniedFault);
    expect((fault as Error).message).toMatch(
      /answers without TLS .*check its address and port/,
    );
  });

  it.each([
    ["CERT_HAS_EXPIRED", "clock"],
    ["CERT_NOT_YET_VALID", "clock"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "use an address that is in"],
    ["INVALID_PURPOSE", "meant for servers"],
    ["ERR_SSL_EE_KEY_TOO_SMALL", "too weak"],
    ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "no host of this name"],
  ])("%s comes with a remedy", (code, remedy) => {
    const cause = Object.assign(new Error("said"), { code });
    const trouble = tlsTroubleOf(new Error("failed", { cause }), null);
    expect(trouble).toContain(remedy);
  });
});
