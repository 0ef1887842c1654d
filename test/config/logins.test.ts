// The settings of logins by tokens: what is taken, what is refused, and that no message shows a value.
import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/definition/config.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { warningsIn } from "../../src/config/warnings.ts";

const HIDDEN = "hunter2";
const client = {
  tokenEndpoint: "https://idp.example/token",
  clientId: "client",
  clientSecret: "secret",
};

function parse(
  parts: object,
  env: Record<string, string> = {},
): Promise<Config> {
  const minimal = {
    name: "sell",
    sell: { accessToken: "s3cret-token".repeat(6) },
    kafka: { brokers: ["localhost:9092"], ssl: true },
  };
  const text = JSON.stringify({ ...minimal, ...parts });
  return parseConfig(text, "/etc/sell/c.json", env);
}

const withSasl = (sasl: object) => ({
  kafka: { brokers: ["localhost:9092"], ssl: true, sasl },
});
const bearer = (more: object) =>
  withSasl({ mechanism: "oauthbearer", ...client, ...more });
const registry = (more: object) => ({
  schemaRegistry: { url: "https://registry.example", ...more },
});

async function refusalOf(parts: object): Promise<string> {
  try {
    await parse(parts);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("kafka.sasl with oauthbearer", () => {
  it("takes extensions, audience, further parameters, and where the credentials go", async () => {
    const more = {
      extensions: { logicalCluster: "lkc-1", identityPoolId: "pool-1 a\tb" },
      clientAuthentication: "body",
      audience: "kafka",
      parameters: { resource: "x", "urn:p": "" },
    };
    const { kafka } = await parse(bearer(more));
    expect(kafka.sasl).toMatchObject(more);
    const { kafka: plain } = await parse(bearer({}));
    expect(plain.sasl).toMatchObject({ clientAuthentication: "header" });
  });

  it.each(["auth", "Auth", "AUTH", "a1", "a-b", "a b", "", "ä", "a=b"])(
    "refuses an extension of the name %j",
    async (name) => {
      const refusal = await refusalOf(
        bearer({ extensions: { [name]: HIDDEN } }),
      );
      expect(refusal).toMatch(
        /kafka\.sasl\.extensions\..* must be letters A-Z and a-z .* not auth/,
      );
      expect(refusal).not.toContain(HIDDEN);
    },
  );

  it.each([
    "",
    `${HIDDEN}\u0001auth=Bearer x`,
    `${HIDDEN}\n`,
    `${HIDDEN}\r\n`,
    `${HIDDEN}\0`,
    `${HIDDEN}ü`,
    7,
    null,
    { a: HIDDEN },
  ])("refuses an extension with the value %j", async (value) => {
    const refusal = await refusalOf(bearer({ extensions: { pool: value } }));
    expect(refusal).toContain("kafka.sasl.extensions.pool must");
    expect(refusal).not.toContain(HIDDEN);
  });

  it.each(["grant_type", "client_id", "client_secret", "scope", "audience"])(
    "refuses %s as a further parameter",
    async (name) => {
      for (const parts of [
        bearer({ parameters: { [name]: HIDDEN } }),
        registry({ oauth: { ...client, parameters: { [name]: HIDDEN } } }),
      ]) {
        const refusal = await refusalOf(parts);
        expect(refusal).toMatch(
          /\.parameters\..* is not the name of a further/,
        );
        expect(refusal).not.toContain(HIDDEN);
      }
    },
  );

  it("shows no key that may be a secret at the wrong place", async () => {
    const parameters = { [`-----BEGIN ${HIDDEN}\n`]: "x" };
    expect(await refusalOf(bearer({ parameters }))).not.toContain(HIDDEN);
  });

  it.each([
    { clientAuthentication: "basic" },
    { clientAuthentication: "" },
    { audience: "" },
    { parameters: ["a"] },
    { extensions: "a=b" },
    { region: "eu-central-1" },
  ])("refuses %j", async (more) => {
    const [name = ""] = Object.keys(more);
    expect(await refusalOf(bearer(more))).toContain(`kafka.sasl.${name} `);
  });

  it("takes placeholders everywhere", async () => {
    const config = await parse(
      bearer({
        clientAuthentication: "${env:BY}",
        extensions: { logicalCluster: "${env:CLUSTER}" },
        parameters: { assertion: "${env:ASSERTION}" },
      }),
      { BY: "body", CLUSTER: "lkc-1\n", ASSERTION: "a.b.c" },
    );
    expect(config.kafka.sasl).toMatchObject({
      clientAuthentication: "body",
      extensions: { logicalCluster: "lkc-1" },
      parameters: { assertion: "a.b.c" },
    });
  });
});

describe("kafka.sasl with aws-msk-iam", () => {
  const msk = (more: object = {}) =>
    withSasl({ mechanism: "aws-msk-iam", region: "eu-central-1", ...more });

  it("takes a region, and the variables of AWS from the environment", async () => {
    const { kafka } = await parse(msk(), {
      AWS_ACCESS_KEY_ID: "AKIA\n",
      AWS_SESSION_TOKEN: "",
      OTHER: "x",
    });
    expect(kafka.sasl).toMatchObject({
      mechanism: "aws-msk-iam",
      region: "eu-central-1",
      environment: { AWS_ACCESS_KEY_ID: "AKIA" },
    });
    const { kafka: other } = await parse(bearer({}), { AWS_PROFILE: "x" });
    expect(other.sasl).toMatchObject({ environment: {} });
  });

  it.each(["us-gov-west-1", "cn-north-1", "ap-southeast-12"])(
    "knows %s for a region",
    async (region) => {
      expect((await parse(msk({ region }))).kafka.sasl).toMatchObject({
        region,
      });
    },
  );

  it.each([
    "",
    "eu",
    "EU-CENTRAL-1",
    "eu-central-1a",
    "x/y-1",
    "eu-central-1.evil",
  ])("refuses the region %j", async (region) => {
    const refusal = await refusalOf(msk({ region }));
    expect(refusal).toContain("kafka.sasl.region must be a region of AWS");
  });

  it("needs a region, and nothing else", async () => {
    const sasl = { mechanism: "aws-msk-iam" };
    expect(await refusalOf(withSasl(sasl))).toContain(
      "kafka.sasl.region is required",
    );
    expect(await refusalOf(msk({ username: "x" }))).toContain(
      "kafka.sasl.username is not a known key",
    );
  });
});

describe("schemaRegistry.oauth", () => {
  const oauth = { ...client, headers: { "target-sr-cluster": "lsrc-1" } };

  it("takes a client and headers", async () => {
    const { schemaRegistry } = await parse(registry({ oauth }));
    expect(schemaRegistry?.oauth).toEqual({
      ...oauth,
      clientAuthentication: "header",
    });
  });

  it.each([
    { username: "u", password: "p" },
    { username: "u" },
    { password: "p" },
  ])("is refused beside %j", async (login) => {
    const refusal = await refusalOf(registry({ oauth, ...login }));
    expect(refusal).toContain(
      "schemaRegistry.oauth can't be used together with username and password",
    );
  });

  it.each([
    "authorization",
    "Authorization",
    "HOST",
    "Content-Length",
    "a b",
    "",
  ])("refuses a header of the name %j", async (name) => {
    const headers = { [name]: HIDDEN };
    const refusal = await refusalOf(
      registry({ oauth: { ...client, headers } }),
    );
    expect(refusal).toContain("is not the name of a further header");
    expect(refusal).not.toContain(HIDDEN);
  });

  it.each(["", " a", "a ", "a\r\nb: c", "ü", "\u0000"])(
    "refuses a header with the value %j",
    async (value) => {
      const headers = { pool: value };
      const refusal = await refusalOf(
        registry({ oauth: { ...client, headers } }),
      );
      expect(refusal).toContain("schemaRegistry.oauth.headers.pool must");
    },
  );

  it.each(["http://idp.example/token", "https://u:p@idp.example/token", "idp"])(
    "refuses the token endpoint %s",
    async (tokenEndpoint) => {
      const refusal = await refusalOf(
        registry({ oauth: { ...client, tokenEndpoint } }),
      );
      expect(refusal).toContain("schemaRegistry.oauth.tokenEndpoint must be");
    },
  );

  it("is warned of when the token goes over plain HTTP", async () => {
    const url = "http://registry.example";
    const warnings = warningsIn(await parse(registry({ url, oauth })));
    expect(warnings).toEqual([
      {
        path: "schemaRegistry.oauth",
        message: expect.stringContaining("without TLS") as string,
      },
    ]);
    expect(warningsIn(await parse(registry({ oauth })))).toEqual([]);
  });
});
