// The proxy of the environment is used for Sell and for traces, and trust in certificates stays as it is.
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { Authority } from "../../support/http/certificates.ts";
import { configFile } from "../../support/process/config-file.ts";
import { TOKEN } from "../../support/process/connector.ts";
import { startHttpProxy } from "../../support/http/http-proxy.ts";
import { serving } from "../../support/http/local-server.ts";
import { Program } from "../../support/process/program.ts";
import { TraceCollector } from "../../support/http/trace-collector.ts";

/** A Sell with nothing new, behind TLS of an authority that nobody knows. */
async function secureSell() {
  const authority = await Authority.named("corporate");
  const { certificate, keyText } = await authority.sign("sell", {
    names: ["127.0.0.1"],
  });
  const tokens: (string | undefined)[] = [];
  const server = await serving(
    ({ headers }, response) => {
      tokens.push(headers.authorization);
      response.writeHead(204).end();
    },
    { cert: certificate, key: keyText },
  );
  const file = await configFile({
    name: "proxied",
    sell: { baseUrl: server.url, accessToken: TOKEN },
    kafka: { brokers: ["127.0.0.1:1"] },
    delivery: { giveUpAfterMs: 1_000 },
  });
  const authorityPath = join(dirname(file.path), "ca.pem");
  await writeFile(authorityPath, authority.certificate);
  return {
    host: server.host,
    tokens,
    authorityPath,
    args: ["sync", "--stdout", "--config", file.path],
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("a proxy of the environment", () => {
  it("leads to Sell, whose certificate an authority of NODE_EXTRA_CA_CERTS may have signed", async () => {
    await using sell = await secureSell();
    await using proxy = await startHttpProxy({ login: "me:hush-hush" });
    await using program = new Program(sell.args, {
      env: {
        HTTPS_PROXY: proxy.address,
        NODE_EXTRA_CA_CERTS: sell.authorityPath,
      },
    });
    expect(await program.ended, program.stderr).toMatchObject({ code: 0 });
    expect(proxy.seen).toEqual([`CONNECT ${sell.host}`]);
    expect(sell.tokens).toEqual([`Bearer ${TOKEN}`]);
    expect(program.stdout + program.stderr).not.toContain("hush-hush");
  });

  it("does not make an unknown authority one that is trusted", async () => {
    await using sell = await secureSell();
    await using proxy = await startHttpProxy();
    await using program = new Program(sell.args, {
      env: { HTTPS_PROXY: proxy.address, NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    });
    expect(await program.ended).toMatchObject({ code: 1 });
    expect(sell.tokens).toEqual([]);
  });

  it("leads to a collector of traces", async () => {
    await using sell = await secureSell();
    await using proxy = await startHttpProxy();
    await using collector = await TraceCollector.start();
    await using program = new Program(sell.args, {
      env: {
        NODE_EXTRA_CA_CERTS: sell.authorityPath,
        HTTP_PROXY: proxy.address,
        NO_PROXY: sell.host,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
    });
    expect(await program.ended, program.stderr).toMatchObject({ code: 0 });
    expect(proxy.seen).toEqual([`POST ${collector.url}/v1/traces`]);
    expect(collector.spans.length).toBeGreaterThan(0);
  });
});
