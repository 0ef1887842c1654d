// No message about a configuration shows a secret, wherever it was written by mistake.
import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/definition/config.ts";
import { warningsIn } from "../../src/config/warnings.ts";
import { loadConfig, parseConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/config/problem.ts";

const TOKEN = "s3cret-token".repeat(6);
const minimal = {
  name: "sell",
  sell: { accessToken: TOKEN },
  kafka: { brokers: ["localhost:9092"] },
};

function parse(
  parts: object,
  env: Record<string, string> = {},
): Promise<Config> {
  const text = JSON.stringify({ ...minimal, ...parts });
  return parseConfig(text, "/etc/sell/c.json", env);
}

async function refusalOf(task: Promise<unknown>): Promise<string> {
  try {
    await task;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

const WORD = "hunter2";
const sell = (rest: object) => ({ sell: { accessToken: TOKEN, ...rest } });
const kafka = (rest: object) => ({
  kafka: { brokers: ["localhost:9092"], ...rest },
});
const plain = { mechanism: "plain", username: "user" };

describe("a value that may hold a secret is not repeated", () => {
  it.each<[string, object]>([
    ["sell.baseUrl", sell({ baseUrl: `https://user:${WORD}@sell.example` })],
    ["sell.baseUrl", sell({ baseUrl: `https://user:a/${WORD}@sell.example` })],
    ["sell.baseUrl", sell({ baseUrl: `https://12:3/${WORD}@sell.example` })],
    ["sell.baseUrl", sell({ baseUrl: `http://sell.example/?key=${WORD}` })],
    ["sell.baseUrl", sell({ baseUrl: `https://sell.example/?key=${WORD}` })],
    ["sell.baseUrl", sell({ baseUrl: `https://sell.example/#${WORD}` })],
    ["sell.baseUrl", sell({ baseUrl: WORD })],
    ["sell.deviceUuid", sell({ deviceUuid: `${WORD} ${WORD}` })],
    ["schemaRegistry.url", { schemaRegistry: { url: `ftp://u:${WORD}@r` } }],
    [
      "schemaRegistry.url",
      { schemaRegistry: { url: `http://r:8081?apikey=${WORD}` } },
    ],
    ["schemaRegistry.url", { schemaRegistry: { url: `//u:pa/${WORD}@r` } }],
    ["kafka.brokers[0]", kafka({ brokers: [`user:${WORD}@kafka:9092`] })],
    ["kafka.brokers[0]", kafka({ brokers: [`SASL://u:a/${WORD}@kafka`] })],
    ["kafka.brokers", kafka({ brokers: `user:${WORD}@kafka:9092` })],
    [
      "kafka.sasl.tokenEndpoint",
      kafka({
        sasl: { ...plain, mechanism: "oauthbearer", tokenEndpoint: WORD },
      }),
    ],
    ["kafka.ssl", kafka({ ssl: WORD })],
    [
      "kafka.ssl.keyFile",
      kafka({
        ssl: { keyFile: `-----BEGIN ${WORD}`, certFile: "c" },
      }),
    ],
    [
      "kafka.sasl.password",
      kafka({ sasl: { ...plain, password: "${hunter2" } }),
    ],
    [
      "kafka.sasl.password",
      kafka({ sasl: { ...plain, password: "a${hunter2}b" } }),
    ],
    ["kafka.sasl.pasword", kafka({ sasl: { ...plain, pasword: WORD } })],
    ["kafka", kafka({ [`sasl_ssl://${WORD}@kafka`]: true })],
  ])("at %s in %j", async (path, parts) => {
    const refusal = await refusalOf(parse(parts));
    expect(refusal).toContain(path);
    expect(refusal).not.toContain(WORD);
  });

  it.each<[string, (value: unknown) => object]>([
    ["sell.baseUrl", (baseUrl) => sell({ baseUrl })],
    ["sell.deviceUuid", (deviceUuid) => sell({ deviceUuid })],
    ["sell.accessToken", (accessToken) => ({ sell: { accessToken } })],
    ["sell.readToken", (readToken) => sell({ readToken })],
    ["kafka.brokers", (brokers) => kafka({ brokers })],
    ["kafka.brokers[0]", (broker) => kafka({ brokers: [broker] })],
    ["schemaRegistry.url", (url) => ({ schemaRegistry: { url } })],
    [
      "schemaRegistry.username",
      (username) => ({ schemaRegistry: { url: "http://r:1", username } }),
    ],
    ["kafka.sasl", (sasl) => kafka({ sasl })],
    ["kafka.ssl", (ssl) => kafka({ ssl })],
    ["kafka.ssl.caFile", (caFile) => kafka({ ssl: { caFile } })],
    [
      "kafka.sasl.username",
      (username) => kafka({ sasl: { ...plain, username } }),
    ],
    [
      "kafka.sasl.password",
      (password) => kafka({ sasl: { ...plain, password } }),
    ],
  ])("at %s, whatever its type", async (path, parts) => {
    for (const value of [123_456_789_012, [[123_456_789_012]]]) {
      const refusal = await refusalOf(parse(parts(value)));
      expect(refusal).toContain(path);
      expect(refusal).not.toContain("123456789012");
    }
  });

  it.each(["env:", "file:", ""])(
    "after a ${%s that no } closes",
    async (kind) => {
      for (const text of ["$", "a$"].map((one) => `${one}{${kind}${WORD}`)) {
        const sasl = { ...plain, password: text };
        const refusal = await refusalOf(parse(kafka({ sasl })));
        expect(refusal).toContain("kafka.sasl.password holds a ${");
        expect(refusal).not.toContain(WORD);
      }
    },
  );

  it("when a file's name comes from the environment", async () => {
    const ssl = { caFile: "${env:CA}" };
    const refusal = await refusalOf(parse(kafka({ ssl }), { CA: WORD }));
    expect(refusal).toContain("kafka.ssl.caFile needs the file");
    expect(refusal).not.toContain(WORD);
  });

  it("when the configuration itself stands where its file should", async () => {
    const refusal = await refusalOf(loadConfig(JSON.stringify(minimal), {}));
    expect(refusal).toContain("--config FILE");
    expect(refusal).not.toContain(TOKEN);
  });
});

it("shows scheme and host of an address without a login", async () => {
  const baseUrl = "http://sell.example:8080/v2?key=x";
  expect(await refusalOf(parse(sell({ baseUrl })))).toMatch(
    /but is http:\/\/sell\.example:8080$/m,
  );
});

it.each([
  "localhost",
  "localhost:",
  "kafka-1:9092,kafka-2:9092",
  "kafka-1:9092 kafka-2:9092",
  "SASL_SSL://kafka.example:9093",
  "http://kafka:9092/",
])("shows what is nearly a broker: %s", async (broker) => {
  const within = await refusalOf(parse(kafka({ brokers: [broker] })));
  expect(within).toContain(`but is "${broker}"`);
});

it("shows one broker where a list of them should stand", async () => {
  expect(await refusalOf(parse(kafka({ brokers: "kafka" })))).toContain(
    'kafka.brokers must be a list, [ … ], but is "kafka"',
  );
});

it.each([
  [`me:${WORD}@kafka:9092`, {}],
  [`SASL_SSL://me:${WORD}@kafka:9092`, {}],
  [`me:${WORD}`, {}],
  [`me:${WORD}:9092`, {}],
  [`kafka:9092?key=${WORD}`, {}],
  [WORD.repeat(64).slice(0, 64), {}],
  ["${env:BROKERS}", { BROKERS: WORD }],
  ["${env:BROKERS}", { BROKERS: `kafka:9092,${WORD}` }],
])("hides %s in the place of a broker", async (broker, env) => {
  for (const brokers of [[broker], broker]) {
    const refusal = await refusalOf(parse(kafka({ brokers }), env));
    expect(refusal).not.toContain(WORD);
  }
});

it("a problem with a line end in it stays one line", async () => {
  const name = "x\n  sell is fine\u001b[2K";
  const refusal = await refusalOf(parse({ [name]: 1, name }));
  expect(refusal.split("\n")).toHaveLength(3);
  expect(refusal).not.toContain("\u001b");
});

describe("one trailing line end", () => {
  it.each(["\n", "\r\n"])("of the environment is dropped (%j)", async (end) => {
    const config = await parse(
      {
        sell: { accessToken: "${env:TOKEN}", epoch: "${env:EPOCH}" },
        ...kafka({ sasl: { ...plain, password: "${env:PASSWORD}" } }),
      },
      {
        TOKEN: TOKEN + end,
        EPOCH: `3${end}`,
        PASSWORD: `p w${end}`,
      },
    );
    expect(config.sell).toMatchObject({ accessToken: TOKEN, epoch: 3 });
    expect(config.kafka.sasl).toMatchObject({ password: "p w" });
  });
});

const stray: readonly (readonly [text: string, told: string])[] = [
  [`${WORD}\n\n`, "holds a line end at its end"],
  [`${WORD}\r`, "holds a line end at its end"],
  [`${WORD}\nmore`, "holds a line end;"],
  [`\ufeff${WORD}`, "holds a byte order mark (BOM) at its start"],
  [`${WORD}\0`, "holds a NUL at its end"],
  [`${WORD}\t`, "holds a tab at its end"],
  [`${WORD}\u001b`, "holds a control character at its end"],
  [`${WORD}\u200b`, "holds an invisible character at its end"],
];

it.each(stray)("a password such as %j is refused", async (password, told) => {
  const sasl = { ...plain, password: "${env:PASSWORD}" };
  const refusal = await refusalOf(
    parse(kafka({ sasl }), { PASSWORD: password }),
  );
  expect(refusal).toContain(`kafka.sasl.password ${told}`);
  expect(refusal).not.toContain(WORD);
});

it.each([
  ["sell.accessToken", { sell: { accessToken: `${TOKEN}\ufeff` } }],
  [
    "schemaRegistry.password",
    { schemaRegistry: { url: "http://r:1", username: "u", password: "p\n" } },
  ],
  [
    "kafka.sasl.username",
    kafka({ sasl: { ...plain, username: "u\n", password: "p" } }),
  ],
])("%s is looked at too", async (path, parts) => {
  expect(await refusalOf(parse(parts))).toContain(`${path} holds `);
});

it.each([
  [" padded", "begins with white space"],
  ["padded ", "ends with white space"],
])(
  "a password such as %j is accepted, with a warning",
  async (password, told) => {
    const config = await parse(
      kafka({ ssl: true, sasl: { ...plain, password } }),
    );
    expect(config.kafka.sasl).toMatchObject({ password });
    expect(warningsIn(config)).toEqual([
      {
        path: "kafka.sasl.password",
        message: expect.stringContaining(told) as string,
      },
    ]);
  },
);
