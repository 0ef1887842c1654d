// No command, log line or list of processes shows a secret, whatever servers echo.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freePort } from "../../../src/local/free-port.ts";
import { Authority } from "../../support/http/certificates.ts";
import { startEchoingKafka } from "../../support/kafka/echoing-kafka.ts";
import { serving } from "../../support/http/local-server.ts";
import { Program } from "../../support/process/program.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";
import { TokenIssuer } from "../../support/http/token-issuer.ts";
import { TraceCollector } from "../../support/http/trace-collector.ts";

/** Each holds the same word, so that a part of it would be found too. */
const WORD = "t0pSecret";
const secrets = {
  ACCESS_TOKEN: `${WORD}-access-token-${"x".repeat(60)}`,
  PASSWORD: `${WORD}"of:the user`,
  CLIENT_SECRET: `${WORD}/of+the=client`,
  REGISTRY_PASSWORD: `${WORD}&of the registry`,
  PASSPHRASE: `${WORD}-of-the-key`,
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-secrets-"));
  const authority = await Authority.named("authority");
  const { certificate, key } = await authority.sign("client");
  const { PASSPHRASE: passphrase } = secrets;
  const cipher = "aes-256-cbc";
  await writeFile(join(folder, "client.pem"), certificate);
  await writeFile(
    join(folder, "client.key"),
    key.export({ type: "pkcs8", format: "pem", cipher, passphrase }),
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs a command at trace level to its end; `run`, and what it serves, until it said those words. */
async function outputOf(
  commandLine: string,
  config: object,
  words: string,
  env: Record<string, string> = {},
): Promise<string> {
  const path = join(folder, "connector.config.json");
  const port = await freePort();
  const [command = "", ...rest] = commandLine.split(" ");
  const server = command === "run" ? { server: { port } } : {};
  await writeFile(
    path,
    JSON.stringify({ name: "hushed", ...server, ...config }),
  );
  const level = command === "schemas" ? [] : ["--log-level", "trace"];
  await using program = new Program(
    [command, ...rest, ...level, "--config", path],
    { env: { ...secrets, ...env } },
  );
  let served = "";
  if (command === "run") {
    await program.says(words);
    served = await everythingServedAt(port);
    const { stdout } = await promisify(execFile)("ps", [
      "-o",
      "args=",
      "-p",
      String(program.pid),
    ]);
    expect(stdout).toContain("sell-kafka");
    expect(stdout).not.toContain(WORD);
    program.kill("SIGTERM");
  }
  await program.ended;
  const output = program.stdout + program.stderr;
  expect(output).toContain(words);
  return output + served;
}

/** The body of each address, and the first that the stream of events says. */
async function everythingServedAt(port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const paths = ["/", "/livez", "/readyz", "/metrics", "/status"];
  const bodies = paths.map(async (path) => (await fetch(url + path)).text());
  const served = (await Promise.all(bodies)).join("\n");
  expect(served).toContain("sell_kafka_build_info");
  expect(served).toContain("hushed");
  const { body } = await fetch(`${url}/events`);
  for await (const chunk of body ?? []) {
    const event = Buffer.from(chunk as Uint8Array).toString("utf8");
    expect(event).toContain("data:");
    return served + event;
  }
  throw new Error("the stream of events ended");
}

function expectNoSecretIn(output: string): void {
  const encoded = Object.values(secrets).flatMap((secret) => [
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
  ]);
  for (const trace of [WORD, ...encoded]) expect(output).not.toContain(trace);
}

const commands = ["check", "check --json", "sync --json", "run"];
const readers = ["explain contact 1 --json", "audit", "dead-letters list"];
const sell = (baseUrl: string) => ({
  baseUrl,
  accessToken: "${env:ACCESS_TOKEN}",
});
const plain = {
  mechanism: "plain",
  username: "user",
  password: "${env:PASSWORD}",
};

describe("no secret is shown", () => {
  it.each([...commands, ...readers])(
    "by %s, when brokers echo the login that they refuse",
    async (command) => {
      await using kafka = await startEchoingKafka();
      await using queue = await ScriptedSell.start([]);
      const output = await outputOf(
        command,
        {
          sell: sell(queue.url),
          kafka: { brokers: [kafka.address], sasl: plain },
        },
        "refuses the login by PLAIN",
      );
      expect(kafka.logins.join()).toContain(secrets.PASSWORD);
      expectNoSecretIn(output);
    },
  );

  it.each(commands)(
    "by %s, when brokers echo the token that they refuse",
    async (command) => {
      const client = { id: "client", secret: secrets.CLIENT_SECRET };
      await using issuer = await TokenIssuer.start(client);
      await using kafka = await startEchoingKafka();
      await using queue = await ScriptedSell.start([]);
      const output = await outputOf(
        command,
        {
          sell: sell(queue.url),
          kafka: { brokers: [kafka.address], sasl: oauthAt(issuer.url) },
        },
        "refuses the login by OAUTHBEARER",
      );
      expect(issuer.issued.length).toBeGreaterThan(0);
      for (const token of issuer.issued) {
        expect(kafka.logins.join()).toContain(token);
        expect(output).not.toContain(token);
      }
      expectNoSecretIn(output);
    },
  );

  it.each(["check", "sync --json"])(
    "by %s, when brokers echo the token of Amazon MSK that they refuse",
    async (command) => {
      await using kafka = await startEchoingKafka();
      await using queue = await ScriptedSell.start([]);
      const sasl = { mechanism: "aws-msk-iam", region: "eu-central-1" };
      const output = await outputOf(
        command,
        {
          sell: sell(queue.url),
          kafka: { brokers: [kafka.address], sasl },
        },
        "refuses the login by OAUTHBEARER",
        {
          AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
          AWS_SECRET_ACCESS_KEY: `${WORD}-of-aws`,
          AWS_SESSION_TOKEN: `${WORD}/of+the=session`,
        },
      );
      const tokens = kafka.logins.join().match(/[\w-]{500,}/g) ?? [];
      expect(tokens.length).toBeGreaterThan(0);
      for (const token of tokens) expect(output).not.toContain(token);
      expectNoSecretIn(output);
    },
  );

  it.each(commands)(
    "by %s, when a token endpoint echoes the credentials that it refuses",
    async (command) => {
      await using issuer = await TokenIssuer.start({ id: "x", secret: "y" });
      await using kafka = await startEchoingKafka();
      await using queue = await ScriptedSell.start([]);
      const output = await outputOf(
        command,
        {
          sell: sell(queue.url),
          kafka: { brokers: [kafka.address], sasl: oauthAt(issuer.url) },
        },
        "answers 401 invalid_client",
      );
      const basic = Buffer.from(
        `client:${encodeURIComponent(secrets.CLIENT_SECRET)}`,
      );
      expect(output).not.toContain(basic.toString("base64"));
      expectNoSecretIn(output);
    },
  );

  it.each(["check", "schemas --register contact"])(
    "by %s, when a registry echoes the credentials that it refuses",
    async (command) => {
      await using registry = await startEchoingRegistry();
      await using kafka = await startEchoingKafka();
      await using queue = await ScriptedSell.start([]);
      const output = await outputOf(
        command,
        {
          sell: sell(queue.url),
          kafka: { brokers: [kafka.address] },
          format: { value: "avro" },
          schemaRegistry: registryAt(registry.url),
        },
        "schema registry",
      );
      expect(registry.authorizations.join()).toContain("Basic ");
      for (const authorization of registry.authorizations)
        expect(output).not.toContain(authorization.slice("Basic ".length));
      expectNoSecretIn(output);
    },
  );

  it("by run, when a collector of traces echoes the headers that it refuses", async () => {
    await using queue = await ScriptedSell.start([]);
    await using collector = await TraceCollector.start(
      (response, { headers }) => {
        const { authorization = "" } = headers.at(-1) ?? {};
        response.writeHead(401, `not ${authorization}`).end(authorization);
      },
    );
    const output = await outputOf(
      "run --stdout",
      { sell: sell(queue.url), kafka: { brokers: ["127.0.0.1:1"] } },
      "traces can't be sent",
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=${WORD}-of-traces`,
        OTEL_LOG_LEVEL: "ALL",
      },
    );
    expect(collector.headers[0]?.authorization).toBe(`${WORD}-of-traces`);
    expectNoSecretIn(output);
  });

  it.each(["check", "check --json", "sync --json", "run"])(
    "by %s, when Sell echoes the token in every disguise",
    async (command) => {
      await using server = await startEchoingSell();
      const output = await outputOf(
        command,
        {
          sell: { ...sell(server.url), requestTimeoutMs: 2_000 },
          kafka: { brokers: ["127.0.0.1:1"] },
          delivery: { giveUpAfterMs: 1_500 },
        },
        command.startsWith("check") ? "answered 401" : "can't be reached",
      );
      expectNoSecretIn(output);
    },
  );

  it.each(["sync --stdout", "run --stdout"])(
    "by %s, when Sell echoes the token in every disguise",
    async (command) => {
      await using server = await startEchoingSell();
      const output = await outputOf(
        command,
        { sell: sell(server.url), kafka: { brokers: ["127.0.0.1:1"] } },
        "answered 401",
      );
      expect(server.echoed.join()).toContain("\\u0074");
      expectNoSecretIn(output);
    },
  );

  it.each([
    ["sell.baseUrl", { sell: sell(`https://user:a/${WORD}@sell.example`) }],
    ["sell.baseUrl", { sell: sell(`https://sell.example/?apikey=${WORD}`) }],
    ["kafka.brokers", { kafka: { brokers: [`user:${WORD}@kafka:9092`] } }],
    [
      "schemaRegistry.url",
      { schemaRegistry: { url: `https://u:1/${WORD}@registry.example` } },
    ],
    ["kafka.sasl", { kafka: { sasl: { ...plain, pasword: WORD } } }],
    ["kafka.sasl", { kafka: { sasl: { ...plain, password: `\${${WORD}` } } }],
  ])("in what is said of %s (%#)", async (path, parts) => {
    const config = {
      sell: sell("https://sell.example"),
      kafka: { brokers: ["127.0.0.1:1"] },
      ...parts,
    };
    const output = await outputOf("check", config, path);
    expect(output).toContain("is not a valid configuration");
    expectNoSecretIn(output);
  });

  it("when the configuration stands in place of its file", async () => {
    const text = JSON.stringify({ sell: { accessToken: WORD } });
    await using program = new Program(["check", "--config", text], {});
    await program.ended;
    expect(program.stderr).toContain("in place of a file's name");
    expectNoSecretIn(program.stdout + program.stderr);
  });

  it("in the problems of a configuration", async () => {
    const output = await outputOf(
      "check",
      {
        sell: { accessToken: "${env:PASSWORD}" },
        kafka: {
          brokers: "${env:PASSWORD}",
          ssl: {
            certFile: "client.pem",
            keyFile: "client.key",
            passphrase: "${env:PASSWORD}",
          },
          sasl: { ...plain, mechanism: "${env:PASSWORD}" },
        },
        schemaRegistry: { url: "${env:REGISTRY_PASSWORD}" },
      },
      "kafka.ssl.passphrase does not open",
    );
    expect(output).toContain("sell.accessToken");
    expectNoSecretIn(output);
  });
});

const servers = inject("servers");

describe.skipIf(servers === null)("a registry that echoes", () => {
  it("has no secret shown by a drain that it holds up", async () => {
    await using registry = await startEchoingRegistry();
    await using queue = await ScriptedSell.start([[pageOf([item()])]]);
    const output = await outputOf(
      "sync --json",
      {
        sell: sell(queue.url),
        kafka: { brokers: servers?.brokers },
        topics: { pattern: `hushed-${Date.now()}.{type}` },
        delivery: { deadLetterTopic: `hushed-${Date.now()}-dead-letter` },
        format: { value: "avro" },
        schemaRegistry: registryAt(registry.url),
      },
      "items are deferred",
    );
    expectNoSecretIn(output);
  });
});

function oauthAt(tokenEndpoint: string): object {
  return {
    mechanism: "oauthbearer",
    tokenEndpoint,
    clientId: "client",
    clientSecret: "${env:CLIENT_SECRET}",
  };
}

function registryAt(url: string): object {
  return { url, username: "user", password: "${env:REGISTRY_PASSWORD}" };
}

/** Refuses the token, and shows it: as escapes, behind what is cut, and as an address. */
async function startEchoingSell() {
  const echoed: string[] = [];
  const server = await serving((request, response) => {
    const { authorization = "" } = request.headers;
    const token = authorization.slice("Bearer ".length);
    const escaped = Array.from(token, (character) => {
      const code = character.charCodeAt(0).toString(16).padStart(4, "0");
      return `\\u${code}`;
    }).join("");
    // The second one stands where a text of 200 characters is cut.
    const message = `${escaped} ${"x".repeat(155 - WORD.length)} ${escaped}`;
    echoed.push(message);
    const error = `{"code":"unauthorized","message":"${message}"}`;
    response.writeHead(401, {
      "content-type": "application/json",
      location: `/?token=${encodeURIComponent(token)}`,
    });
    response.end(`{"errors":[{"error":${error}}],"meta":{"type":"errors"}}`);
  });
  return Object.assign(server, { echoed });
}

/** Reads are denied nothing; a schema is refused with the credentials that came with it. */
async function startEchoingRegistry() {
  const authorizations: string[] = [];
  const server = await serving((request, response) => {
    const { authorization = "" } = request.headers;
    authorizations.push(authorization);
    const sent = Buffer.from(authorization.slice(6), "base64").toString();
    const message = `no schema for ${authorization}, which is ${sent}`;
    response.setHeader("content-type", "application/json");
    if (request.method === "GET") response.writeHead(404).end("{}");
    else response.writeHead(422).end(JSON.stringify({ message }));
  });
  return Object.assign(server, { authorizations });
}
