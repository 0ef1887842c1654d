// TLS files are checked before anything connects, and reading them changes nothing in the process.
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../../src/config/definition/config.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { unencryptedIn } from "../../src/config/warnings.ts";
import { Authority } from "../support/http/certificates.ts";
import { TOKEN } from "../support/process/connector.ts";

const PASSPHRASE = "5ecret-of-the-key";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-tls-"));
  const authority = await Authority.named("authority");
  const one = await authority.sign("one");
  const other = await authority.sign("other");
  const files = {
    "ca.pem": authority.certificate,
    "client.pem": `${one.certificate}\n${authority.certificate}`,
    "client.key": one.keyText,
    "locked.key": one.key
      .export({
        type: "pkcs8",
        format: "pem",
        cipher: "aes-256-cbc",
        passphrase: PASSPHRASE,
      })
      .toString(),
    "other.key": other.keyText,
    "empty.pem": "",
    "broken.pem":
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function parse(kafka: object, rest: object = {}) {
  const config = {
    name: "sell",
    sell: { accessToken: TOKEN },
    kafka: { brokers: ["localhost:9092"], ...kafka },
    ...rest,
  };
  return parseConfig(JSON.stringify(config), join(folder, "c.json"), {});
}

async function problemsOf(ssl: object, rest: object = {}): Promise<string[]> {
  try {
    await parse({ ssl }, rest);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain(PASSPHRASE);
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
  throw new Error("it was accepted");
}

describe("the files of a TLS connection", () => {
  it.each([
    [true],
    [{}],
    [{ caFile: "ca.pem", servername: "kafka" }],
    [{ certFile: "client.pem", keyFile: "client.key" }],
    [
      {
        certFile: "client.pem",
        keyFile: "locked.key",
        passphrase: PASSPHRASE,
      },
    ],
  ])("are taken from the configuration's folder: %j", async (ssl) => {
    const { kafka } = await parse({ ssl });
    expect(kafka.ssl).toMatchObject({ rejectUnauthorized: true });
    expect(JSON.stringify(kafka.ssl)).not.toContain(PASSPHRASE);
  });

  it.each<[object, string]>([
    [
      { caFile: "gone.pem" },
      "kafka.ssl.caFile needs the file FOLDER/gone.pem, which can't be read (ENOENT)",
    ],
    [
      { caFile: "." },
      "kafka.ssl.caFile needs the file FOLDER, which can't be read (EISDIR)",
    ],
    [{ caFile: "empty.pem" }, "and FOLDER/empty.pem holds none"],
    [{ caFile: "broken.pem" }, "and FOLDER/broken.pem holds none"],
    [{ certFile: "client.pem" }, "kafka.ssl needs certFile and keyFile"],
    [
      { certFile: "client.pem", keyFile: "ca.pem" },
      "kafka.ssl.keyFile needs a private key in PEM format, and FOLDER/ca.pem holds none",
    ],
    [
      { certFile: "client.pem", keyFile: "other.key" },
      "kafka.ssl.keyFile FOLDER/other.key is not the key of the certificate in FOLDER/client.pem",
    ],
    [
      { certFile: "client.pem", keyFile: "locked.key" },
      "kafka.ssl.passphrase is required: the private key in FOLDER/locked.key is encrypted",
    ],
    [
      { certFile: "client.pem", keyFile: "locked.key", passphrase: "wrong" },
      "kafka.ssl.passphrase does not open the private key in FOLDER/locked.key",
    ],
    [{ passphrase: "x" }, "kafka.ssl.passphrase has no effect without keyFile"],
  ])("are checked before anything connects: %j", async (ssl, problem) => {
    const problems = await problemsOf(ssl);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem.replaceAll("FOLDER", folder));
  });

  it("are checked together with everything else", async () => {
    const problems = await problemsOf(
      { caFile: "gone.pem" },
      {
        name: "a b",
        schemaRegistry: { url: "https://r", ssl: { caFile: "none.pem" } },
      },
    );
    expect(problems.map((problem) => problem.split(" ")[0]).sort()).toEqual([
      "kafka.ssl.caFile",
      "name",
      "schemaRegistry.ssl.caFile",
    ]);
  });

  it("have no effect on a registry without TLS, and that is said", async () => {
    const problems = await problemsOf(
      {},
      { schemaRegistry: { url: "http://r", ssl: {} } },
    );
    expect(problems).toEqual([
      expect.stringContaining("schemaRegistry.ssl has no effect"),
    ]);
  });
});

describe("reading a configuration", () => {
  const trusted = () => tls.getCACertificates("default");

  it("leaves the authorities that the process trusts as they are", async () => {
    const before = trusted();
    await parse({ ssl: { caFile: "ca.pem" } });
    await parse({ ssl: true });
    expect(trusted()).toEqual(before);
  });

  it("may come before the authorities that the process is to trust", async () => {
    const authority = await Authority.named("trusted later");
    const { kafka } = await parse({ ssl: { servername: "localhost" } });
    const before = trusted();
    tls.setDefaultCACertificates([...before, authority.certificate]);
    try {
      expect(await verified(kafka.ssl, authority)).toBe(true);
    } finally {
      tls.setDefaultCACertificates(before);
    }
  });
});

/** Connects to a server whose certificate is of that authority, and tells whether it is trusted. */
async function verified(
  options: Config["kafka"]["ssl"],
  authority: Authority,
): Promise<boolean> {
  const { certificate, keyText } = await authority.sign("localhost");
  const server = tls.createServer({ cert: certificate, key: keyText });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const socket = tls.connect({ port, ...options });
    await once(socket, "secureConnect");
    socket.destroy();
    return socket.authorized;
  } finally {
    server.close();
  }
}

describe("secrets that are sent without TLS", () => {
  const sasl = { mechanism: "plain", username: "u", password: "p" };
  const registry = { url: "http://r", username: "u", password: "p" };

  it.each([
    [{ sasl }, {}, ["kafka.sasl"]],
    [{ sasl, ssl: true }, {}, []],
    [{}, { schemaRegistry: registry }, ["schemaRegistry.password"]],
    [{}, { schemaRegistry: { ...registry, url: "https://r" } }, []],
  ])("are worth a warning: %j %j", async (kafka, rest, paths) => {
    const problems = unencryptedIn(await parse(kafka, rest));
    expect(problems.map(({ path }) => path)).toEqual(paths);
  });
});
