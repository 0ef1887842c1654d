// `init` writes a valid configuration from flags and from answers, and overwrites nothing unasked.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig, parseConfig } from "../../../src/config/load-config.ts";
import { givenBy } from "../../../src/cli/commands/init/answers.ts";
import { toChoices } from "../../../src/cli/commands/init/choices.ts";
import {
  guaranteeNames,
  loginNames,
} from "../../../src/cli/commands/init/defaults.ts";
import { startConfig } from "../../../src/cli/commands/init/start-config.ts";
import { schemaLocation } from "../../../src/config/schema-location.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { placeOf } from "../../support/documents/markdown.ts";
import { sellKafka } from "../../support/process/command.ts";
import { TOKEN } from "../../support/process/connector.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-init-"));
  path = join(folder, "c.json");
});

afterEach(() => rm(folder, { recursive: true }));

const token = { SELL_ACCESS_TOKEN: TOKEN };

describe("init without a terminal", () => {
  it("writes what the flags say, and asks nothing", async () => {
    const { exitCode, stdout, stderr } = await sellKafka(
      [
        ...["init", "--config", path, "--name", "crm"],
        ...["--brokers", "kafka-1:9092, kafka-2:9092", "--value", "avro"],
        ...["--envelope", "flat", "--registry", "https://registry:8081"],
        ...["--sell", "http://127.0.0.1:8081"],
      ],
      { env: token },
    );
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`sell-kafka check --config ${path} `);
    expect(await loadConfig(path, token)).toMatchObject({
      name: "crm",
      sell: { baseUrl: "http://127.0.0.1:8081", accessToken: TOKEN },
      kafka: { brokers: ["kafka-1:9092", "kafka-2:9092"] },
      format: { envelope: "flat", value: "avro" },
      schemaRegistry: { url: "https://registry:8081" },
    });
    expect(await readFile(path, "utf8")).not.toContain(TOKEN);
  });

  it("takes defaults for the rest, which are those of the program", async () => {
    const { stdout } = await sellKafka(["init", "--config", path]);
    expect(stdout).toContain("SELL_ACCESS_TOKEN");
    const least = {
      $schema: schemaLocation(),
      name: "sell",
      sell: { accessToken: TOKEN },
      kafka: { brokers: ["localhost:9092"] },
    };
    expect(await loadConfig(path, token)).toEqual(
      await parseConfig(JSON.stringify(least), "c.json", {}),
    );
  });

  it("writes login, guarantee and page, and no secret", async () => {
    const env = {
      SELL_ACCESS_TOKEN: TOKEN,
      KAFKA_PASSWORD: "pass-w0rd",
      KAFKA_CLIENT_SECRET: "cl1ent-secret",
    };
    const usual = ["init", "--config", path, "--force", "--tls"];
    const rest = ["--guarantee", "exactly-once", "--port", "9464"];
    const plain = ["--login", "plain", "--username", "sell"];
    await sellKafka([...usual, ...rest, ...plain], { env });
    expect(await loadConfig(path, env)).toMatchObject({
      kafka: { sasl: { mechanism: "plain", password: "pass-w0rd" } },
      delivery: { guarantee: "exactly-once" },
      server: { port: 9464 },
    });
    const endpoint = ["--token-endpoint", "https://idp.example/token"];
    const oauth = ["--login", "oauthbearer", ...endpoint, "--client-id", "me"];
    await sellKafka([...usual, ...oauth], { env });
    const config = await loadConfig(path, env);
    expect(config.kafka.ssl).not.toBe(false);
    expect(config.kafka.sasl).toMatchObject({
      ...{ mechanism: "oauthbearer", clientId: "me" },
      clientSecret: "cl1ent-secret",
    });
    const msk = ["--login", "aws-msk-iam", "--region", "eu-central-1"];
    await sellKafka([...usual, ...msk], { env });
    expect((await loadConfig(path, env)).kafka.sasl).toMatchObject({
      ...{ mechanism: "aws-msk-iam", region: "eu-central-1" },
    });
    const text = await readFile(path, "utf8");
    for (const secret of Object.values(env)) expect(text).not.toContain(secret);
  });

  it("names a schema that is there, in the clone and elsewhere", async () => {
    const schemaIn = async (file: string) => {
      const [, named = ""] =
        /"\$schema": *"([^"]+)"/.exec(await readFile(file, "utf8")) ?? [];
      return resolve(dirname(file), named);
    };
    await sellKafka(["init", "--config", path]);
    expect(await schemaIn(path)).toBe(schemaLocation());
    expect(existsSync(schemaLocation())).toBe(true);
    expect(await readFile(path, "utf8")).toContain("// For editors of this ");
    const within = (file: string) =>
      startConfig(toChoices(givenBy({}), {}, placeOf(file), { env: {} }));
    expect(within("deploy/configs/c.json")).toContain(
      '"$schema": "../../schemas/connector.config.schema.json"',
    );
    const inClone = startConfig(
      toChoices(givenBy({}), {}, placeOf("c.json"), { env: {} }),
    );
    expect(inClone).toContain(
      '"$schema": "./schemas/connector.config.schema.json"',
    );
  });

  it("writes lines that fit on a screen", async () => {
    await sellKafka(["init", "--config", path]);
    const lines = (await readFile(path, "utf8")).split("\n");
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });

  it("runs check with what it wrote", async () => {
    const where = ["--config", path, "--brokers", "127.0.0.1:1"];
    const { exitCode, stdout } = await sellKafka(
      ["init", ...where, "--sell", "http://127.0.0.1:1", "--check"],
      { env: token },
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^ok {6}configuration: /m);
    expect(stdout).toMatch(
      /^FAILED {2}Sell at http:\/\/127\.0\.0\.1:1\W+can't be reached: .*ECONNREFUSED/m,
    );
  });

  it("needs no token for a simulated Sell, and checks with it", async () => {
    await using simulator = await Simulator.start({ records: 1 });
    const where = ["--config", path, "--brokers", "127.0.0.1:1"];
    const { stdout, stderr } = await sellKafka([
      ...["init", ...where, "--sell", simulator.url, "--check"],
    ]);
    expect(stderr).toBe("");
    expect(stdout).not.toContain("SELL_ACCESS_TOKEN");
    expect(stdout).toMatch(/^ok {6}Sell at http:\/\/127\.0\.0\.1:/m);
    const text = await readFile(path, "utf8");
    expect(text).toContain('For Sell itself: "${env:SELL_ACCESS_TOKEN}"');
  });

  it("keeps a token out of the file in every other case", async () => {
    for (const [sell, env] of [
      ["http://127.0.0.1:8081", token],
      ["https://localhost:8081", {}],
      ["https://api.getbase.com", {}],
    ] as const) {
      const flags = ["--config", path, "--force", "--sell", sell];
      await sellKafka(["init", ...flags], { env });
      expect(await readFile(path, "utf8")).toContain(
        '"accessToken": "${env:SELL_ACCESS_TOKEN}"',
      );
    }
  });

  it("offers the logins and guarantees that a configuration may have", async () => {
    const { properties } = JSON.parse(
      await readFile(schemaLocation(), "utf8"),
    ) as { properties: Record<string, object> };
    const allowed = (key: string) => JSON.stringify(properties[key]);
    for (const login of loginNames.filter((name) => name !== "none"))
      expect(allowed("kafka")).toContain(`"${login}"`);
    for (const guarantee of guaranteeNames)
      expect(allowed("delivery")).toContain(`"${guarantee}"`);
  });

  it("overwrites nothing without --force", async () => {
    await writeFile(path, "mine");
    const refused = await sellKafka(["init", "--config", path]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("--force overwrites it");
    expect(await readFile(path, "utf8")).toBe("mine");
    const forced = await sellKafka(["init", "--config", path, "--force"]);
    expect(forced.exitCode).toBe(0);
    expect(await readFile(path, "utf8")).toContain('"name": "sell"');
  });

  it.each([
    [["--name", "a b"], "--name must be 1 to 100"],
    [["--brokers", "localhost"], '--brokers must be "host:port"'],
    [["--brokers", ","], "--brokers"],
    [["--sell", "http://sell.example"], "--sell must be an https"],
    [["--registry", "registry"], "--registry must be an http"],
    [["--value", "xml"], "Allowed choices are json, avro"],
    [["--login", "kerberos"], "Allowed choices are none, plain"],
    [["--login", "plain"], "--username "],
    [["--login", "oauthbearer"], "--token-endpoint "],
    [["--login", "aws-msk-iam"], "--region must be a region of AWS"],
    [["--login", "plain", "--region", "x"], "--region says nothing with"],
    [["--username", "me"], "--username says nothing with --login none"],
    [["--guarantee", "twice"], "Allowed choices are at-least-once"],
    [["--port", "70000"], "It must be a whole number from 0 to 65535"],
    [["--config", "/nope/c.json"], "/nope/c.json can't be written (ENOENT)"],
  ])("refuses %j, and writes nothing", async (flags, words) => {
    const ended = await sellKafka(["init", "--config", path, ...flags]);
    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).toContain(words);
    expect(existsSync(path)).toBe(false);
  });
});

describe("init on a terminal", () => {
  it("asks until the answers fit, and suggests what is usual", async () => {
    const { exitCode, stdout, stderr } = await sellKafka(["init"], {
      stdin: [
        ...["my crm", "crm", "kafka:9092"],
        ...["perhaps", "yes", "kerberos", "scram-sha-256", "", "sell"],
        ...["", "avro", "", "twice", "exactly-once", "http", "70000", ""],
        ...[folder, join(folder, "none", "c.json"), path, "later", "no", ""],
      ].join("\r"),
    });
    for (const words of [
      "must be 1 to 100 of A-Z",
      "answer yes or no",
      "there is no folder",
      "it is a folder",
    ])
      expect(stderr).toContain(words);
    // Each wrong answer is asked for again at once.
    const asked = (question: string) => stderr.split(question).length - 1;
    expect(asked("Name of this connector [")).toBe(2);
    expect(asked("Login at the brokers: ")).toBe(2);
    expect(asked("Name to log in by; ")).toBe(2);
    expect(asked("Delivery: ")).toBe(2);
    expect(asked("Port of the status page")).toBe(3);
    expect(asked("Run check with it")).toBe(2);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`wrote ${path}`);
    expect(stdout).toContain("Kafka's password into the environment");
    const env = { ...token, KAFKA_PASSWORD: "s3cret" };
    expect(await loadConfig(path, env)).toMatchObject({
      name: "crm",
      kafka: {
        brokers: ["kafka:9092"],
        sasl: {
          mechanism: "scram-sha-256",
          username: "sell",
          password: "s3cret",
        },
      },
      format: { envelope: "change", value: "avro" },
      schemaRegistry: { url: "http://localhost:8081" },
      delivery: { guarantee: "exactly-once" },
      server: { port: 9464 },
    });
  });

  it("asks for an OAuth client, and runs check when that is wanted", async () => {
    const flags = ["--name", "crm", "--brokers", "127.0.0.1:1", "--tls"];
    const { exitCode, stdout, stderr } = await sellKafka(
      [
        ...["init", ...flags, "--envelope", "flat", "--value", "json"],
        ...["--guarantee", "at-least-once", "--config", path],
      ],
      {
        stdin: "oauthbearer\rnowhere\rhttps://idp.example/token\r\rnone\ryes\r",
      },
    );
    expect(stdout).toContain(`wrote ${path}`);
    const text = await readFile(path, "utf8");
    expect(text).toContain('"clientSecret": "${env:KAFKA_CLIENT_SECRET}"');
    expect(text).toContain('// "server"');
    // The check says what it lacks; the file stays.
    expect(exitCode).toBe(2);
    expect(stderr).toContain("sell.accessToken");
    expect(stderr).toContain("KAFKA_CLIENT_SECRET");
  });

  it("does not ask for what flags say", async () => {
    const flags = ["--name", "crm", "--brokers", "kafka:9092"];
    const { exitCode, stderr } = await sellKafka(
      ["init", ...flags, "--config", path],
      { stdin: "\r\rflat\rjson\r\r\r\r" },
    );
    expect(exitCode).toBe(0);
    expect(stderr).not.toMatch(/Name of|Kafka brokers|registry|File/);
    expect(await loadConfig(path, token)).toMatchObject({
      name: "crm",
      format: { envelope: "flat" },
    });
  });

  it.each([
    ["Ctrl-C", "\x03"],
    ["Ctrl-D", "\x04"],
  ])("writes nothing after %s", async (_, key) => {
    const { exitCode, stderr } = await sellKafka(["init", "--config", path], {
      stdin: `crm\r${key}`,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("nothing was written");
    expect(existsSync(path)).toBe(false);
  });
});

it("init that is stopped before it asks writes nothing", async () => {
  const { exitCode, stderr } = await sellKafka(["init", "--config", path], {
    stdin: "",
    stopping: AbortSignal.abort(),
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("nothing was written");
});

it("every setting that a first configuration shows commented out is valid", async () => {
  const text = startConfig({
    name: "crm",
    brokers: ["kafka:9092"],
    envelope: "change",
    value: "json",
    registryUrl: null,
    sellUrl: null,
    takesAnyToken: false,
    schema: "./schema.json",
    ...{ hasTls: false, login: null, port: null, guarantee: "at-least-once" },
  });
  const shown = text.replaceAll(/\/\/ "/g, '"');
  expect(shown).not.toBe(text);
  const env = { ...token, KAFKA_PASSWORD: "secret" };
  expect(await parseConfig(shown, "/etc/c.json", env)).toMatchObject({
    kafka: { sasl: { mechanism: "scram-sha-512" } },
    topics: { replicationFactor: 3 },
    delivery: { guarantee: "exactly-once" },
    server: { port: 9464 },
  });
});
