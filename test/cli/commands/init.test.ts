// `init` writes a valid configuration from flags and from answers, and overwrites nothing unasked.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig, parseConfig } from "../../../src/config/load-config.ts";
import { startConfig } from "../../../src/cli/commands/init/start-config.ts";
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
      name: "sell",
      sell: { accessToken: TOKEN },
      kafka: { brokers: ["localhost:9092"] },
    };
    expect(await loadConfig(path, token)).toEqual(
      await parseConfig(JSON.stringify(least), "c.json", {}),
    );
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
      stdin: `my crm\rcrm\rkafka:9092\r\ravro\r\r${path}\r`,
    });
    expect(stderr).toContain("must be 1 to 100 of A-Z");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`wrote ${path}`);
    expect(await loadConfig(path, token)).toMatchObject({
      name: "crm",
      kafka: { brokers: ["kafka:9092"] },
      format: { envelope: "change", value: "avro" },
      schemaRegistry: { url: "http://localhost:8081" },
    });
  });

  it("does not ask for what flags say", async () => {
    const flags = ["--name", "crm", "--brokers", "kafka:9092"];
    const { exitCode, stderr } = await sellKafka(
      ["init", ...flags, "--config", path],
      { stdin: "flat\rjson\r" },
    );
    expect(exitCode).toBe(0);
    expect(stderr).not.toMatch(/Name|brokers|registry|File/);
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
    schema: "./schema.json",
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
