// AWS credentials come from where AWS's SDKs look for them, are renewed in time, and are asked for
// only at addresses that may have them.
import type { IncomingMessage, ServerResponse } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  DeniedFault,
  UnavailableFault,
} from "../../../../src/domain/faults.ts";
import { MskTokens } from "../../../../src/kafka/auth/aws/msk-tokens.ts";
import { containerEndpoint } from "../../../../src/kafka/auth/aws/sources.ts";
import { FakeClock } from "../../../support/clocks/fake-clock.ts";
import { endlessly, serving } from "../../../support/http/local-server.ts";

const MINUTE_MS = 60_000;
const key = {
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "5ecret-key-of-the-role",
  Token: "5ecret-session-token",
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sell-kafka-aws-"));
  await writeFile(join(folder, "token"), "5ecret-token-of-the-pod\n");
  await writeFile(join(folder, "empty"), "\n");
  await writeFile(join(folder, "lines"), "a\nb");
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const file = (name: string) => join(folder, name);

function tokensOf(
  environment: Record<string, string>,
  { clock = new FakeClock(), timeoutMs = 2_000, region = "eu-central-1" } = {},
): MskTokens {
  return new MskTokens({ region, environment, timeoutMs }, clock);
}

/** Who a token names, and with which session token. */
function signerOf(token: string): (string | null)[] {
  const url = new URL(Buffer.from(token, "base64url").toString());
  const { searchParams } = url;
  const [id = ""] = (searchParams.get("X-Amz-Credential") ?? "").split("/");
  return [id, searchParams.get("X-Amz-Security-Token")];
}

const until = (clock: FakeClock, ms: number) =>
  new Date(clock.epochMs() + ms).toISOString();

async function faultOf(tokens: MskTokens): Promise<Error> {
  return tokens.token().then(
    () => new Error("it gave a token"),
    (error: unknown) => error as Error,
  );
}

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** A container's endpoint; `asked` are the requests that came. */
async function containerOf(serve: Serve) {
  const asked: IncomingMessage[] = [];
  const server = await serving((request, response) => {
    asked.push(request);
    serve(request, response);
  });
  const environment = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/role?x=1`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "5ecret-of-the-task",
  };
  const dispose = () => server[Symbol.asyncDispose]();
  return { asked, environment, [Symbol.asyncDispose]: dispose };
}

const answering =
  (answer: object): Serve =>
  (_, response) => {
    response.end(JSON.stringify(answer));
  };

describe("credentials of the environment", () => {
  it("sign, with and without a session token, before any other source is asked", async () => {
    const user = {
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "5ecret",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere",
    };
    expect(signerOf(await tokensOf(user).token())).toEqual([
      "AKIAEXAMPLE",
      null,
    ]);
    const session = { ...user, AWS_SESSION_TOKEN: "a+b/c=" };
    expect(signerOf(await tokensOf(session).token())).toEqual([
      "AKIAEXAMPLE",
      "a+b/c=",
    ]);
  });

  it.each([
    { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE" },
    { AWS_SECRET_ACCESS_KEY: "5ecret" },
    { AWS_ACCESS_KEY_ID: "A B", AWS_SECRET_ACCESS_KEY: "5ecret" },
    {
      AWS_ACCESS_KEY_ID: "A",
      AWS_SECRET_ACCESS_KEY: "5ecret",
      AWS_SESSION_TOKEN: "a\nb",
    },
  ])("%# that are no credentials are told, without them", async (env) => {
    const fault = await faultOf(tokensOf(env));
    expect(fault).toBeInstanceOf(DeniedFault);
    expect(fault.message).toContain("AWS_ACCESS_KEY_ID");
    expect(fault.message).not.toContain("5ecret");
  });

  it("are secrets", async () => {
    const tokens = tokensOf({
      AWS_ACCESS_KEY_ID: "A",
      AWS_SECRET_ACCESS_KEY: "5ecret",
      AWS_SESSION_TOKEN: "session",
    });
    const token = await tokens.token();
    expect(tokens.secrets).toEqual(
      expect.arrayContaining(["5ecret", "session", token]),
    );
  });
});

describe("credentials of a container", () => {
  it("come with its token, and serve until shortly before their end", async () => {
    const clock = new FakeClock();
    let count = 0;
    await using container = await containerOf((_, response) => {
      const AccessKeyId = `ASIA${++count}`;
      const Expiration = until(clock, 60 * MINUTE_MS);
      response.end(JSON.stringify({ ...key, AccessKeyId, Expiration }));
    });
    const tokens = tokensOf(container.environment, { clock });
    const [first] = await Promise.all([tokens.token(), tokens.token()]);
    expect(signerOf(first)).toEqual(["ASIA1", key.Token]);
    expect(container.asked[0]?.url).toBe("/role?x=1");
    expect(container.asked[0]?.headers).toMatchObject({
      authorization: "5ecret-of-the-task",
    });
    await clock.advance(55 * MINUTE_MS - 1);
    expect(signerOf(await tokens.token())[0]).toBe("ASIA1");
    await clock.advance(1);
    expect(signerOf(await tokens.token())[0]).toBe("ASIA2");
    expect(container.asked).toHaveLength(2);
  });

  it("serve until their end while the endpoint fails, and not beyond", async () => {
    const clock = new FakeClock();
    const Expiration = until(clock, 60 * MINUTE_MS);
    let isDown = false;
    await using container = await containerOf((_, response) => {
      if (isDown) response.writeHead(500).end();
      else response.end(JSON.stringify({ ...key, Expiration }));
    });
    const tokens = tokensOf(container.environment, { clock });
    await tokens.token();
    isDown = true;
    await clock.advance(60 * MINUTE_MS - 1);
    await tokens.token();
    await clock.advance(1);
    expect(await faultOf(tokens)).toBeInstanceOf(UnavailableFault);
  });

  it("are asked for again after the brokers refused them", async () => {
    await using container = await containerOf(answering(key));
    const tokens = tokensOf(container.environment);
    await tokens.token();
    tokens.forget();
    await tokens.token();
    expect(container.asked).toHaveLength(2);
  });

  it("come with the token of a file, which is read each time", async () => {
    await using container = await containerOf(answering(key));
    const tokens = tokensOf({
      ...container.environment,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file("token"),
    });
    await tokens.token();
    expect(container.asked[0]?.headers.authorization).toBe(
      "5ecret-token-of-the-pod",
    );
  });

  it.each([
    ["missing", "can't be read (ENOENT)"],
    ["empty", "is empty"],
    ["lines", "holds a line end"],
  ])("with a token file that is %s are not asked for", async (name, told) => {
    await using container = await containerOf(answering(key));
    const fault = await faultOf(
      tokensOf({
        ...container.environment,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file(name),
      }),
    );
    expect(fault).toBeInstanceOf(DeniedFault);
    expect(fault.message).toContain(told);
    expect(container.asked).toHaveLength(0);
  });

  it("with a token file without end are not asked for", async () => {
    const fault = await faultOf(
      tokensOf({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/dev/zero",
      }),
    );
    expect(fault.message).toContain("larger than 65536 bytes");
  });

  it.each([
    "http://example.com/",
    "http://169.254.170.3/",
    "http://169.254.170.2.example.com/",
    "http://10.0.0.1/",
    "http://user:word@127.0.0.1/",
    "ftp://127.0.0.1/",
    "169.254.170.2/role",
  ])("are never asked for at %s", async (address) => {
    const fault = await faultOf(
      tokensOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: address }),
    );
    expect(fault).toBeInstanceOf(DeniedFault);
    expect(fault.message).toContain("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    expect(fault.message).toContain("169.254.170.23");
  });

  it.each([
    ["FULL", "http://169.254.170.2/v1", "http://169.254.170.2/v1"],
    ["FULL", "http://169.254.170.23/v1", "http://169.254.170.23/v1"],
    ["FULL", "http://[fd00:ec2::23]/v1", "http://[fd00:ec2::23]/v1"],
    ["FULL", "https://example.com/v1", "https://example.com/v1"],
    [
      "RELATIVE",
      "/v2/credentials?a=b",
      "http://169.254.170.2/v2/credentials?a=b",
    ],
    ["RELATIVE", "@example.com/", "http://169.254.170.2/@example.com/"],
  ])("may be asked for as %s %s", (kind, address, url) => {
    const name = `AWS_CONTAINER_CREDENTIALS_${kind}_URI`;
    expect(containerEndpoint({ [name]: address }).url.href).toBe(url);
  });

  it.each<[string, Serve, typeof DeniedFault | typeof UnavailableFault]>([
    ["nonsense", (_, response) => response.end("<html>"), DeniedFault],
    ["null", (_, response) => response.end("null"), DeniedFault],
    ["half of them", answering({ AccessKeyId: "A" }), DeniedFault],
    [
      "keys that no header takes",
      answering({ ...key, Token: "a\nb" }),
      DeniedFault,
    ],
    ["numbers", answering({ AccessKeyId: 1, SecretAccessKey: 2 }), DeniedFault],
    [
      "old ones",
      answering({ ...key, Expiration: "2020-01-01T00:00:00Z" }),
      UnavailableFault,
    ],
    ["no date", answering({ ...key, Expiration: "soon" }), UnavailableFault],
    ["403", (_, response) => response.writeHead(403).end(), DeniedFault],
    [
      "a redirect",
      (_, response) =>
        response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      DeniedFault,
    ],
    ["500", (_, response) => response.writeHead(500).end(), UnavailableFault],
    ["429", (_, response) => response.writeHead(429).end(), UnavailableFault],
    [
      "without end",
      (_, response) => {
        endlessly(response);
      },
      UnavailableFault,
    ],
    ["nothing", () => undefined, UnavailableFault],
  ])("an endpoint that answers %s is a fault", async (_, serve, kind) => {
    await using container = await containerOf(serve);
    const fault = await faultOf(
      tokensOf(container.environment, { timeoutMs: 300 }),
    );
    expect(fault).toBeInstanceOf(kind);
    expect(fault.message).toContain(
      "the credentials endpoint http://127.0.0.1",
    );
  });

  it("are not shown when the endpoint refuses them and repeats its token", async () => {
    await using container = await containerOf(({ headers }, response) => {
      const message = `no task has ${headers.authorization ?? ""}`;
      response.writeHead(400).end(JSON.stringify({ message }));
    });
    const { message } = await faultOf(tokensOf(container.environment));
    expect(message).toContain("no task has [redacted]");
  });
});

describe("credentials of an instance", () => {
  const ROLES = "/latest/meta-data/iam/security-credentials/";
  const instance = async (roles = "my-role\n") => {
    const asked: string[] = [];
    const server = await serving(({ method, url, headers }, response) => {
      asked.push(`${method ?? ""} ${url ?? ""}`);
      if (url === "/latest/api/token") {
        expect(headers["x-aws-ec2-metadata-token-ttl-seconds"]).toBe("21600");
        response.end("5ecret-imds-token");
      } else if (headers["x-aws-ec2-metadata-token"] !== "5ecret-imds-token")
        response.writeHead(401).end();
      else if (url === ROLES) response.end(roles);
      else response.end(JSON.stringify({ Code: "Success", ...key }));
    });
    return {
      asked,
      environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  };

  it("come by version 2 of its metadata service", async () => {
    await using metadata = await instance();
    const tokens = tokensOf(metadata.environment);
    expect(signerOf(await tokens.token())).toEqual([
      key.AccessKeyId,
      key.Token,
    ]);
    expect(metadata.asked).toEqual([
      "PUT /latest/api/token",
      `GET ${ROLES}`,
      `GET ${ROLES}my-role`,
    ]);
  });

  it.each(["", "../../user-data", "a/b"])(
    "are refused for a role of the name %j",
    async (roles) => {
      await using metadata = await instance(roles);
      const fault = await faultOf(tokensOf(metadata.environment));
      expect(fault.message).toContain("names no role");
    },
  );

  it("are never asked for on another machine", async () => {
    const fault = await faultOf(
      tokensOf({ AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://example.com" }),
    );
    expect(fault).toBeInstanceOf(DeniedFault);
    expect(fault.message).toContain("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  });

  it("that are turned off are told, with what to set", async () => {
    const fault = await faultOf(
      tokensOf({ AWS_EC2_METADATA_DISABLED: "true" }),
    );
    expect(fault).toBeInstanceOf(DeniedFault);
    expect(fault.message).toContain("AWS_ACCESS_KEY_ID");
  });

  it("that can't be reached are told, with what to set", async () => {
    const fault = await faultOf(
      tokensOf({ AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" }),
    );
    expect(fault).toBeInstanceOf(UnavailableFault);
    expect(fault.message).toContain("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  });
});

describe("credentials by web identity", () => {
  const environment = (url: string) => ({
    AWS_WEB_IDENTITY_TOKEN_FILE: file("token"),
    AWS_ROLE_ARN: "arn:aws:iam::1:role/sell",
    AWS_ENDPOINT_URL_STS: url,
  });

  it("are those of the role that the token stands for", async () => {
    const clock = new FakeClock();
    let form = new URLSearchParams();
    await using sts = await serving((_, response, body) => {
      form = new URLSearchParams(body.toString());
      response.end(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials>
    <SessionToken>${key.Token}</SessionToken>
    <SecretAccessKey>${key.SecretAccessKey}</SecretAccessKey>
    <Expiration>${until(clock, 60 * MINUTE_MS)}</Expiration>
    <AccessKeyId>${key.AccessKeyId}</AccessKeyId>
  </Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`);
    });
    const tokens = tokensOf(environment(sts.url), { clock });
    expect(signerOf(await tokens.token())).toEqual([
      key.AccessKeyId,
      key.Token,
    ]);
    expect(Object.fromEntries(form)).toEqual({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: "arn:aws:iam::1:role/sell",
      RoleSessionName: "sell-kafka",
      WebIdentityToken: "5ecret-token-of-the-pod",
    });
  });

  it("that are refused are told in the words of the service, without the token", async () => {
    await using sts = await serving((_, response, body) => {
      const { WebIdentityToken = "" } = Object.fromEntries(
        new URLSearchParams(body.toString()),
      );
      response
        .writeHead(403)
        .end(`<E><Message>not for ${WebIdentityToken}</Message></E>`);
    });
    const fault = await faultOf(tokensOf(environment(sts.url)));
    expect(fault).toBeInstanceOf(DeniedFault);
    expect(fault.message).toContain("answers 403 (not for [redacted])");
  });

  it("need a role, and https", async () => {
    const { AWS_WEB_IDENTITY_TOKEN_FILE } = environment("");
    const without = await faultOf(tokensOf({ AWS_WEB_IDENTITY_TOKEN_FILE }));
    expect(without.message).toContain("without AWS_ROLE_ARN");
    const elsewhere = await faultOf(
      tokensOf(environment("http://sts.example.com")),
    );
    expect(elsewhere.message).toContain("AWS_ENDPOINT_URL_STS");
  });
});
