// A configuration is either valid, with every default filled in, or refused with all its problems.
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { file, schemaFileText } from "../../scripts/config-schema.ts";
import {
  secretPaths,
  type Config,
} from "../../src/config/definition/config.ts";
import { configJsonSchema } from "../../src/config/definition/json-schema.ts";
import { loadConfig, parseConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/config/problem.ts";

const TOKEN = "s3cret-token".repeat(6);
const minimal = {
  name: "sell",
  sell: { accessToken: TOKEN },
  kafka: { brokers: ["localhost:9092"] },
};

type Parts = Readonly<Record<string, unknown>>;

function parse(
  parts: Parts,
  env: Record<string, string> = {},
): Promise<Config> {
  const { sell, kafka, ...rest } = parts;
  const whole = {
    ...minimal,
    ...rest,
    sell: sell === undefined ? minimal.sell : { ...minimal.sell, ...sell },
    kafka: kafka === undefined ? minimal.kafka : { ...minimal.kafka, ...kafka },
  };
  return parseConfig(JSON.stringify(whole), "/etc/sell/c.json", env);
}

async function problemsOf(task: Promise<unknown>): Promise<string[]> {
  try {
    await task;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain(TOKEN);
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
  throw new Error("it was accepted");
}

describe("a configuration", () => {
  it("has documented defaults", async () => {
    expect(await parse({})).toEqual({
      name: "sell",
      sell: {
        baseUrl: "https://api.getbase.com",
        accessToken: TOKEN,
        epoch: 0,
        pollIntervalMs: 10_000,
        minPollIntervalMs: 1_000,
        requestsPerSecond: 10,
        parallelFetches: 4,
        requestTimeoutMs: 30_000,
        maxPageBytes: 134_217_728,
        ackBatchSize: 500,
        maxAckBatchSize: 2_000,
        proxies: { http: "", https: "", none: "" },
      },
      kafka: {
        brokers: ["localhost:9092"],
        clientId: "sell-kafka",
        ssl: false,
        compression: "gzip",
      },
      topics: {
        pattern: "sell.{type}",
        markers: "sell-kafka.markers",
        create: true,
        maxCreated: 200,
        partitions: 6,
        replicationFactor: -1,
        config: {
          "cleanup.policy": "compact",
          "delete.retention.ms": "604800000",
        },
      },
      format: {
        envelope: "change",
        value: "json",
        layout: "nested",
        tombstones: true,
      },
      delivery: {
        guarantee: "at-least-once",
        deadLetterTopic: "sell-kafka.dead-letter",
        maxBufferedBytes: 33_554_432,
        giveUpAfterMs: 300_000,
        shutdownTimeoutMs: 30_000,
      },
      log: { level: "info" },
    });
  });

  it("that comes with the project is valid, given a token", async () => {
    const path = new URL("../../connector.config.json", import.meta.url);
    const config = await loadConfig(path.pathname, {
      SELL_ACCESS_TOKEN: TOKEN,
    });
    expect(config.kafka.brokers).toEqual(["localhost:9092"]);
  });

  it("is described by the JSON Schema that is committed", async () => {
    expect(readFileSync(file, "utf8")).toBe(await schemaFileText());
  });

  it.each<[Parts, string]>([
    [{ name: "a b" }, "name must be 1 to 100"],
    [
      { sell: { accessToken: "short" } },
      "sell.accessToken must be at least 64",
    ],
    [
      { sell: { baseUrl: "http://api.getbase.com" } },
      "sell.baseUrl must be an https",
    ],
    [
      { sell: { baseUrl: "http://127.0.0.1.evil.example" } },
      "sell.baseUrl must be",
    ],
    [
      { sell: { baseUrl: "https://user:pw@api.getbase.com" } },
      "sell.baseUrl must be",
    ],
    [{ sell: { pollIntervalMs: 999 } }, "sell.pollIntervalMs"],
    [{ sell: { pollIntervalMs: 3_000_000_000 } }, "sell.pollIntervalMs"],
    [{ sell: { requestTimeoutMs: 2 ** 31 } }, "sell.requestTimeoutMs"],
    [{ sell: { maxPageBytes: 2 ** 40 } }, "sell.maxPageBytes"],
    [{ topics: { partitions: 1e9 } }, "topics.partitions"],
    [{ delivery: { shutdownTimeoutMs: 2 ** 31 } }, "shutdownTimeoutMs"],
    [{ sell: { requestsPerSecond: 0 } }, "sell.requestsPerSecond"],
    [{ sell: { deviceUuid: "x", epoch: 1 } }, "sell.epoch"],
    [
      { sell: { minPollIntervalMs: 5_000, pollIntervalMs: 4_000 } },
      "sell.minPollIntervalMs is above sell.pollIntervalMs (4000)",
    ],
    [
      { sell: { ackBatchSize: 500, maxAckBatchSize: 100 } },
      "sell.ackBatchSize is above sell.maxAckBatchSize (100)",
    ],
    [
      { sell: { pollIntervallMs: 5 } },
      "is not a known key; did you mean pollIntervalMs? Known here: baseUrl, ",
    ],
    [{ wholly: {} }, "is not a known key; known here: name, "],
    [
      { server: { port: "9475" } },
      'server.port must be a number, but is "9475"',
    ],
    [
      { server: { port: 70_000 } },
      "server.port must be at most 65535, but is 70000",
    ],
    [{ sell: { ackBatchSize: 0 } }, "sell.ackBatchSize must be at least 1"],
    [{ kafka: { brokers: [] } }, "must have at least 1 element"],
    [
      { kafka: { sasl: { mechanism: "kerberos" } } },
      'kafka.sasl.mechanism must be "plain", ',
    ],
    [{ server: 9475 }, "server must be an object"],
    [{ topics: { create: "yes" } }, "topics.create must be true or false"],
    [{ kafka: { brokers: [] } }, "kafka.brokers"],
    [
      { kafka: { brokers: ["localhost"] } },
      'kafka.brokers[0] must be "host:port"',
    ],
    [
      { kafka: { compression: "brotli" } },
      'kafka.compression must be "none", "gzip", "snappy", "lz4" or "zstd", but is "brotli"',
    ],
    [
      { topics: { pattern: "sell.{typ}" } },
      "topics.pattern knows no placeholders",
    ],
    [{ topics: { pattern: "sell {type}" } }, "topics.pattern must make legal"],
    [
      { topics: { config: { "retention.ms": 5 } } },
      "topics.config.retention.ms",
    ],
    [
      { topics: { replicationFactor: 0 } },
      "topics.replicationFactor must be -1",
    ],
    [{ format: { value: "avro" } }, "schemaRegistry is required"],
    [
      { format: { value: "avro" }, sell: { parallelFetches: 1.5 } },
      "schemaRegistry is required",
    ],
    [
      { sell: { deviceUuid: "x", epoch: 1, accessToken: undefined } },
      "sell.epoch has no effect",
    ],
    [{ topcis: {} }, "did you mean topics?"],
    [{ delivery: { guarantee: "exactly_once" } }, "delivery.guarantee"],
  ])("like %j is refused", async (parts, words) => {
    const problems = await problemsOf(parse(parts));
    expect(problems.join("\n")).toContain(words);
  });

  it("takes columns only with a value format that has them", async () => {
    const schemaRegistry = { url: "http://localhost:8081" };
    for (const value of ["avro", "json-schema", "protobuf"])
      await parse({ schemaRegistry, format: { layout: "columns", value } });
    for (const format of [
      { layout: "columns" },
      { layout: "columns", value: "json" },
    ])
      expect(await problemsOf(parse({ format }))).toEqual([
        expect.stringContaining(
          'format.layout is "columns", which needs a value format with schemas; set format.value to avro or json-schema or protobuf',
        ),
      ]);
  });

  it("accepts http on loopback addresses only", async () => {
    for (const host of ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
      await parse({ sell: { baseUrl: `http://${host}:8081` } });
  });

  it("has all its problems told at once", async () => {
    const problems = await problemsOf(
      parse({
        name: "",
        sell: { accessToken: "x", ackBatchSize: "many" },
        kafka: { brokers: [1] },
        format: { envelope: "round", value: "avro" },
        nonsense: 1,
      }),
    );
    expect(problems).toHaveLength(7);
  });

  it("takes values from the environment and from files", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sell-kafka-test-"));
    try {
      await writeFile(join(folder, "token"), `${TOKEN}\n`);
      const path = join(folder, "c.json");
      await writeFile(
        path,
        JSON.stringify({
          ...minimal,
          sell: { accessToken: "${file:token}", epoch: "${env:EPOCH}" },
          kafka: { brokers: ["${env:HOST}:9092"], clientId: "$${literal}" },
        }),
      );
      const config = await loadConfig(path, { EPOCH: "3", HOST: "kafka-1" });
      expect(config.sell).toMatchObject({ accessToken: TOKEN, epoch: 3 });
      expect(config.kafka).toMatchObject({
        brokers: ["kafka-1:9092"],
        clientId: "${literal}",
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("names what is missing in the environment or on disk", async () => {
    const problems = await problemsOf(
      parse({
        sell: { accessToken: "${env:NOPE}" },
        kafka: { clientId: "${file:/nope}" },
      }),
    );
    expect(problems).toEqual([
      "sell.accessToken needs the environment variable NOPE, which is not set",
      "kafka.clientId needs the file /nope, which can't be read (ENOENT)",
    ]);
  });

  it.each(secretPaths)("never has %s shown in a problem", async (path) => {
    const steps = path.split(".");
    const wrong = steps.reduceRight<unknown>(
      (value, step) => ({ [step]: value }),
      "hush hush",
    );
    const text = JSON.stringify({ ...minimal, ...(wrong as object) });
    const problems = await problemsOf(parseConfig(text, "/etc/c.json", {}));
    expect(problems.join("\n")).toContain(path.split(".")[0]);
    expect(problems.join("\n")).not.toContain("hush");
  });

  it("says where its JSON is broken, and when it is not there", async () => {
    const broken = parseConfig('{\n  "name": "x",\n  oops\n}', "c.json", {});
    expect(await problemsOf(broken)).toEqual([
      expect.stringContaining("line 3, column 3") as string,
    ]);
    expect(await problemsOf(loadConfig("/nope/c.json", {}))).toEqual([
      expect.stringContaining("--config FILE") as string,
    ]);
  });

  it("may hold comments, and a comma too many", async () => {
    const text = `// one
      { /* two */ "name": "sell", // three
        "sell": { "accessToken": "${TOKEN}" },
        "kafka": { "brokers": ["kafka:1",], "clientId": "//" }, }`;
    const { kafka } = await parseConfig(text, "c.json", {});
    expect(kafka).toMatchObject({ brokers: ["kafka:1"], clientId: "//" });
  });

  it.each([
    ["", "ValueExpected at line 1, column 1"],
    ['{"name": "x"} {}', "EndOfFileExpected at line 1, column 15"],
    ["{name: 1}", "at line 1, column 2"],
    ["{'name': 1}", "at line 1, column 2"],
    ['{"a": "\n"}', "at line 1, column 7"],
    ['{"a": 01}', "at line 1"],
    ['{"a": 1 /*', "at line 1"],
    ['{"__proto__": {}}', "__proto__ is not a known key"],
  ])("that is no JSON is refused: %j", async (text, words) => {
    const problems = await problemsOf(parseConfig(text, "c.json", {}));
    expect(problems.join("\n")).toContain(words);
  });

  it("of any JSON is either valid or refused with problems", async () => {
    const keys = fc.constantFrom(
      "name",
      "sell",
      "kafka",
      "topics",
      "format",
      "delivery",
      "baseUrl",
      "accessToken",
      "brokers",
      "pattern",
      "ssl",
      "sasl",
      "schemaRegistry",
      "x",
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.dictionary(keys, tie("tree")),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (json) => {
        const text = JSON.stringify(json);
        expect(
          (await problemsOf(parseConfig(text, "c.json", {}))).length,
        ).toBeGreaterThan(0);
      }),
    );
  });

  it("with any value in any place is a configuration, or refused with problems", async () => {
    const places = fc.constantFrom(
      ...["name", "sell", "kafka", "topics", "format", "delivery", "server"],
      ...["sell.baseUrl", "sell.accessToken", "sell.deviceUuid", "sell.epoch"],
      ...["sell.pollIntervalMs", "sell.requestsPerSecond", "kafka.brokers"],
      ...["kafka.ssl", "kafka.sasl", "kafka.compression", "topics.pattern"],
      ...["topics.config", "topics.partitions", "format.envelope"],
      ...["format.tombstones", "schemaRegistry", "schemaRegistry.url"],
      ...["delivery.deadLetterTopic", "delivery.maxBufferedBytes", "log.level"],
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string().map((text) => `\${${text}`),
      fc.constantFrom("${env:X}", "${file:/}", "$${", "http://[", "avro"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(places, value), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          const json = structuredClone(minimal) as Record<string, unknown>;
          for (const [path, changed] of changes) {
            const [first = "", second] = path.split(".");
            if (second === undefined) json[first] = changed;
            else
              json[first] = { ...(json[first] as object), [second]: changed };
          }
          try {
            const text = JSON.stringify(json);
            const config = await parseConfig(text, "/etc/c.json", { X: "x" });
            expect(config.name).toBeTypeOf("string");
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
            expect((error as ConfigError).problems).not.toEqual([]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("numbers", () => {
  interface Schema {
    readonly type?: string;
    readonly maximum?: number;
    readonly properties?: Readonly<Record<string, Schema>>;
  }
  const numbersIn = (schema: Schema, path: string): [string, number][] => [
    ...(schema.type === "integer" || schema.type === "number"
      ? [[path, schema.maximum ?? Infinity] as [string, number]]
      : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      numbersIn(inner, `${path}.${name}`),
    ),
  ];
  const numbers = numbersIn(configJsonSchema(), "");

  it("all have a largest value, and times one that a timer can wait for", () => {
    expect(numbers.length).toBeGreaterThan(12);
    for (const [path, most] of numbers)
      expect([path, most]).toEqual([
        path,
        Math.min(most, path.endsWith("Ms") ? 2 ** 31 - 1 : 1e13),
      ]);
  });
});

describe("brokers from outside", () => {
  const env = { KAFKA_BROKERS: "a:9092, b:9093,", ONE: "c:9094" };
  const brokersOf = async (brokers: unknown) =>
    (await parse({ kafka: { brokers } }, env)).kafka.brokers;

  it.each([
    ["${env:KAFKA_BROKERS}", ["a:9092", "b:9093"]],
    [["${env:KAFKA_BROKERS}"], ["a:9092", "b:9093"]],
    [
      ["d:1", "${env:KAFKA_BROKERS}", "${env:ONE}"],
      ["d:1", "a:9092", "b:9093", "c:9094"],
    ],
    ["${env:ONE}", ["c:9094"]],
    ["${env:ONE},${env:KAFKA_BROKERS}", ["c:9094", "a:9092", "b:9093"]],
  ])("%j may be several", async (brokers, expected) => {
    expect(await brokersOf(brokers)).toEqual(expected);
  });

  it.each(["", ",", "a:9092,b", "a:9092;b:9093"])(
    "%j is refused, and not shown",
    async (text) => {
      for (const brokers of ["${env:X}", ["${env:X}"]]) {
        const task = parse({ kafka: { brokers } }, { X: text });
        const problems = await problemsOf(task);
        expect(problems).toHaveLength(1);
        expect(problems[0]).toContain("kafka.brokers[");
        if (text.length > 1) expect(problems[0]).not.toContain(text);
      }
    },
  );
});

describe("proxies of the environment", () => {
  it("go with what is reached by HTTP", async () => {
    const env = { HTTPS_PROXY: "proxy.example:3128", no_proxy: "localhost" };
    const { sell } = await parse({}, env);
    expect(sell.proxies).toEqual({
      http: "",
      https: "http://proxy.example:3128",
      none: "localhost",
    });
  });

  it.each(["socks5://proxy:1080", "http://?", "http://a b"])(
    "%s is refused, and not shown",
    async (HTTPS_PROXY) => {
      const [problem] = await problemsOf(parse({}, { HTTPS_PROXY }));
      expect(problem).toMatch(/^HTTPS_PROXY in the environment must be/);
      expect(problem).not.toContain(HTTPS_PROXY);
    },
  );
});
