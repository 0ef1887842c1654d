import { DeniedFault, UnavailableFault } from "../../../domain/faults.ts";
import { isLoopbackHost } from "../../../security/addresses.ts";
import {
  askOnce,
  membersIn,
  type Answered,
} from "../../../security/one-request.ts";
import { noProxies, type Proxies } from "../../../security/proxies.ts";
import { excerptOf } from "../../../security/without-secrets.ts";
import { readSecretFile } from "./secret-file.ts";

export interface AwsOptions {
  readonly region: string;
  /** The variables of the process whose names begin with `AWS_`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly proxies?: Proxies;
  /** Bounds one request, up to the end of its answer. */
  readonly timeoutMs?: number;
}

/** A source's answer before it is checked. */
export interface Source {
  readonly name: string;
  readonly fields: {
    readonly id: unknown;
    readonly key: unknown;
    readonly token: unknown;
    /** A date; null for credentials whose end is not told. */
    readonly expiration: unknown;
  };
}

/** An instance asks three times, and a broker waits for the login no longer than ten seconds. */
const TIMEOUT_MS = 2_500;
const SESSION_NAME = "sell-kafka";

/** Addresses of the endpoints of ECS and EKS, beside loopback ones the only ones that are asked without TLS. */
const CONTAINER_HOSTS: ReadonlySet<string> = new Set([
  "169.254.170.2",
  "169.254.170.23",
  "[fd00:ec2::23]",
]);
const ECS = "http://169.254.170.2";
const INSTANCE = "http://169.254.169.254";
const INSTANCE_HOSTS: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "[fd00:ec2::254]",
]);
const INSTANCE_TOKEN_S = "21600";
const ROLE_NAME = /^[\w+=,.@-]{1,128}$/;

/** The endpoint of a container, as ECS and EKS Pod Identity name it in the environment. */
export function containerEndpoint(env: AwsOptions["environment"]): {
  readonly url: URL;
  readonly variable: string;
} {
  const path = env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const variable = `AWS_CONTAINER_CREDENTIALS_${path === undefined ? "FULL" : "RELATIVE"}_URI`;
  const address =
    path === undefined
      ? (env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ?? "")
      : `${ECS}${path.startsWith("/") ? "" : "/"}${path}`;
  return { url: allowedAddress(address, CONTAINER_HOSTS, variable), variable };
}

export async function fromContainer(options: AwsOptions): Promise<Source> {
  const { environment: env } = options;
  const { url, variable } = containerEndpoint(env);
  const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const token =
    file === undefined
      ? env["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
      : await readSecretFile(file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (token !== undefined && !/^[\x20-\x7e]*$/.test(token))
    throw denied(
      "the container's authorization token holds a line end or another character that no header takes; check AWS_CONTAINER_AUTHORIZATION_TOKEN or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    );
  const name = `the credentials endpoint ${url.origin} of the container (${variable})`;
  const secrets = token === undefined ? [] : [token];
  const { body } = await ask(options, name, secrets, url, {
    method: "GET",
    headers: {
      accept: "application/json",
      ...(token !== undefined && { authorization: token }),
    },
  });
  return { name, fields: fieldsIn(body) };
}

/** The metadata service of an EC2 instance, version 2. */
export async function fromInstance(options: AwsOptions): Promise<Source> {
  const variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
  const address = options.environment[variable] ?? INSTANCE;
  const base = allowedAddress(address, INSTANCE_HOSTS, variable);
  const name = `the instance metadata service ${base.origin}, the last place to look for AWS credentials (without AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE or AWS_CONTAINER_CREDENTIALS_FULL_URI in the environment),`;
  const at = (path: string) => new URL(`/latest/${path}`, base);
  const asked = await ask(options, name, [], at("api/token"), {
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": INSTANCE_TOKEN_S },
  });
  const token = asked.body.trim();
  if (!/^[\x21-\x7e]{1,1024}$/.test(token))
    throw new UnavailableFault(`${name} gives no token`);
  const get = async (path: string) => {
    const headers = { "x-aws-ec2-metadata-token": token };
    const sent = { method: "GET", headers } as const;
    return (await ask(options, name, [token], at(path), sent)).body;
  };
  const roles = "meta-data/iam/security-credentials/";
  const [role = ""] = (await get(roles)).trim().split("\n");
  if (!ROLE_NAME.test(role))
    throw denied(`${name} names no role; attach one to the instance`);
  return { name, fields: fieldsIn(await get(roles + role)) };
}

/** A role that a token in a file stands for, as EKS mounts it for a service account (IRSA). */
export async function fromWebIdentity(options: AwsOptions): Promise<Source> {
  const { environment: env, region } = options;
  const variable = "AWS_WEB_IDENTITY_TOKEN_FILE";
  const role = env["AWS_ROLE_ARN"];
  if (role === undefined)
    throw denied(
      `${variable} is in the environment without AWS_ROLE_ARN, the role to take; set both, or neither`,
    );
  const token = await readSecretFile(env[variable] ?? "", variable);
  const domain = region.startsWith("cn-")
    ? "amazonaws.com.cn"
    : "amazonaws.com";
  const url = allowedAddress(
    env["AWS_ENDPOINT_URL_STS"] ?? `https://sts.${region}.${domain}`,
    new Set(),
    "AWS_ENDPOINT_URL_STS",
  );
  const name = `the security token service ${url.origin} (${variable}, AWS_ROLE_ARN)`;
  const form = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: env["AWS_ROLE_SESSION_NAME"] ?? SESSION_NAME,
    WebIdentityToken: token,
  });
  const { body } = await ask(options, name, [token], url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  return {
    name,
    fields: {
      id: textIn(body, "AccessKeyId"),
      key: textIn(body, "SecretAccessKey"),
      token: textIn(body, "SessionToken"),
      expiration: textIn(body, "Expiration"),
    },
  };
}

/** Sends one request, and rejects for a status other than 200. */
async function ask(
  { proxies = noProxies, timeoutMs = TIMEOUT_MS }: AwsOptions,
  name: string,
  secrets: readonly string[],
  url: URL,
  sent: Parameters<typeof askOnce>[1],
): Promise<Answered> {
  const answered = await askOnce(url.href, sent, {
    kind: "aws-credentials",
    name,
    // The endpoints of a container or instance are on its own machine.
    proxies: url.protocol === "https:" ? proxies : noProxies,
    timeoutMs,
    secrets,
  });
  const { status, body } = answered;
  if (status === 200) return answered;
  const said = excerptOf(messageIn(body), secrets);
  const start = `${name} answers ${status}${said === "" ? "" : ` (${said})`}`;
  if (status >= 500 || [408, 425, 429].includes(status))
    throw new UnavailableFault(start);
  throw denied(
    `${start}; check that the pod, task or instance has a role, and that it may be taken here`,
  );
}

/** The words of an error, which are JSON or XML; empty without any. */
function messageIn(body: string): string {
  const members = membersIn(body);
  const message =
    members["message"] ?? members["Message"] ?? textIn(body, "Message");
  return typeof message === "string" ? message : "";
}

/** The text of an element of XML that holds no other elements. */
function textIn(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>\\s*([^<]+?)\\s*</${element}>`).exec(xml)?.[1];
}

/** The address, when credentials may be asked for there. Throws a DeniedFault for any other. */
function allowedAddress(
  address: string,
  hosts: ReadonlySet<string>,
  variable: string,
): URL {
  const url = URL.parse(address);
  const isAllowed =
    url?.protocol === "https:" ||
    (url?.protocol === "http:" &&
      (isLoopbackHost(url.hostname) || hosts.has(url.hostname)));
  if (url !== null && isAllowed && url.username === "" && url.password === "")
    return url;
  const also = hosts.size === 0 ? "" : `, ${[...hosts].join(", ")}`;
  throw denied(
    `${variable} in the environment must be an https:// address, or http:// on a loopback host${also}`,
  );
}

function fieldsIn(body: string): Source["fields"] {
  const members = membersIn(body);
  return {
    id: members["AccessKeyId"],
    key: members["SecretAccessKey"],
    token: members["Token"] ?? undefined,
    expiration: members["Expiration"] ?? null,
  };
}

function denied(message: string): DeniedFault {
  return new DeniedFault("aws-credentials", message);
}
